import type { Clock } from '../platform/clock.ts';
import { createFreshCache } from '../platform/fresh-cache.ts';
import type { Membership } from './membership.model.ts';
import type { UserModel } from './user.model.ts';

/** What each request must know of a person. */
export interface PersonStanding {
  readonly isOperator: boolean;
  readonly memberships: readonly Membership[];
}

export interface PersonStandings {
  /** At most 5 s old; own changes at once. Undefined for somebody who is gone. */
  find(userId: string): Promise<PersonStanding | undefined>;
  forget(userId: string): void;
}

export function createPersonStandings(deps: {
  clock: Clock;
  users: UserModel;
  listMemberships: (userId: string) => Promise<Membership[]>;
}): PersonStandings {
  const known = createFreshCache(deps.clock, { freshMs: 5000, max: 10_000 }, async (userId) => {
    const [user, memberships] = await Promise.all([
      deps.users.findById(userId, { isOperator: 1 }).lean<{ isOperator: boolean }>(),
      deps.listMemberships(userId),
    ]);
    return user === null ? undefined : { isOperator: user.isOperator, memberships };
  });
  return { find: known.get, forget: known.forget };
}
