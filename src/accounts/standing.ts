import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { createFreshCache } from '../platform/fresh-cache.ts';
import type { Account } from './account.model.ts';

/** What each request must know of its business. */
export type Standing = Pick<
  Account,
  '_id' | 'name' | 'contact' | 'status' | 'plan' | 'billing' | 'limits' | 'retentionDays'
> & {
  /** IANA zone of the main location: when its days and months begin. */
  readonly timezone: string;
};

export interface Standings {
  /** At most 5 s old; own changes at once. @throws AppError `not-found`. */
  getStanding(accountId: string): Promise<Standing>;
  forgetStanding(accountId: string): void;
}

export function createStandings(clock: Clock, load: (accountId: string) => Promise<Standing>): Standings {
  const known = createFreshCache(clock, { freshMs: 5000, max: 10_000 }, load);
  return { getStanding: known.get, forgetStanding: known.forget };
}

/**
 * A suspended business, or one that has not paid, can be read and exported by its people; visitors are told how else to reach it.
 * @throws AppError `suspended`, `read-only`, `not-found` for one that is being deleted.
 */
export function requireUsable(standing: Standing, access: 'visit' | 'read' | 'change'): void {
  const { name, status, billing } = standing;
  if (status === 'deleting') throw new AppError('not-found', 'This business is being deleted');
  if (access === 'read') return;
  const code = status === 'suspended' ? 'suspended' : billing === 'read-only' ? 'read-only' : undefined;
  if (code === undefined) return;
  if (access === 'visit')
    throw new AppError(code, `The chat of ${name} is closed at the moment. ${sayContact(standing)}`);
  const why =
    code === 'suspended' ? 'is suspended; ask whoever runs this service' : 'can only be read until its plan is paid';
  throw new AppError(code, `${name} ${why}`);
}

const either = new Intl.ListFormat('en', { type: 'disjunction' });

/** How else a visitor reaches the business, as a sentence. */
export function sayContact({ name, contact }: Pick<Standing, 'name' | 'contact'>): string {
  const { phone, email, website } = contact;
  const ways = [phone && `by phone at ${phone}`, email && `by e-mail at ${email}`, website && `at ${website}`];
  const known = ways.filter((way): way is string => typeof way === 'string' && way !== '');
  return known.length === 0 ? `Please ask ${name} directly.` : `You can reach ${name} ${either.format(known)}.`;
}
