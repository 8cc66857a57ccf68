import type { AccountService } from '../accounts/account.service.ts';
import { AppError } from '../platform/errors.ts';
import type { Memberships } from './memberships.ts';
import type { PersonStandings } from './person-standings.ts';
import type { Role } from './scopes.ts';
import type { Sessions } from './sessions.ts';
import type { User, UserModel } from './user.model.ts';

export interface People {
  /** @throws AppError `not-found`. */
  get(userId: string): Promise<User>;
  /** Undefined for who is no person, or no longer. */
  findEmail(userId: string): Promise<string | undefined>;
  /** Where the owner who has been there the longest gets mails. */
  findOwnerEmail(accountId: string): Promise<string | undefined>;
  listBusinesses(userId: string): Promise<{ id: string; slug: string; name: string; role: Role }[]>;
  /** Lets somebody run the service, or no longer. @throws AppError `not-found`. */
  setOperator(email: string, isOperator: boolean): Promise<User>;
  /** Ends all sessions of a person, or of everybody. @returns how many there were. @throws AppError `not-found`. */
  logOut(email: string | undefined): Promise<number>;
}

export function createPeople(deps: {
  users: UserModel;
  accounts: Pick<AccountService, 'get'>;
  memberships: Memberships;
  sessions: Sessions;
  standings: PersonStandings;
}): People {
  const { users } = deps;
  return {
    async get(userId) {
      return found(await users.findById(userId).lean<User>(), userId);
    },

    async findEmail(userId) {
      return (await users.findById(userId).lean<User>())?.email;
    },

    async findOwnerEmail(accountId) {
      const [owner] = (await deps.memberships.list(accountId)).filter(({ role }) => role === 'owner');
      return owner && (await users.findById(owner.userId).lean<User>())?.email;
    },

    async listBusinesses(userId) {
      const memberships = await deps.memberships.listOf(userId);
      const businesses = await Promise.allSettled(
        memberships.map(async ({ accountId, role }) => {
          const { slug, name } = await deps.accounts.get(accountId);
          return { id: accountId, slug, name, role };
        }),
      );
      for (const { reason } of businesses.filter((each) => each.status === 'rejected')) {
        // One that was deleted meanwhile is none.
        if (!(reason instanceof AppError && reason.code === 'not-found')) throw reason;
      }
      return businesses.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    },

    async setOperator(email, isOperator) {
      const user = await users
        .findOneAndUpdate({ email: email.toLowerCase() }, { $set: { isOperator } }, { returnDocument: 'after' })
        .lean<User>();
      const changed = found(user, email);
      deps.standings.forget(changed._id);
      return changed;
    },

    async logOut(email) {
      if (email === undefined) return deps.sessions.endEverybodys();
      const user = found(await users.findOne({ email: email.toLowerCase() }).lean<User>(), email);
      return deps.sessions.endAll(user._id);
    },
  };
}

function found(user: User | null, who: string): User {
  if (user === null) throw new AppError('not-found', `There is no person ${who}`);
  return user;
}
