import type { AccountService } from '../accounts/account.service.ts';
import type { Visitor } from './thread.service.ts';
import type { VisitorLimit } from './visitor-limit.ts';

/** A turn that is counted before it begins. */
export interface Reservation {
  /** The day in which it is counted. */
  readonly date: string;
  /** @throws AppError `limit-reached`, `too-many-requests`; then nothing is counted. */
  readonly made: Promise<void>;
  /** Undoes a reservation that was made. */
  giveBack(): Promise<void>;
}

/** Counts a turn against all limits of its business and visitor; `conversation` names one who comes without an address of its own. */
export async function reserveTurn(
  deps: { accounts: Pick<AccountService, 'getStanding' | 'usage'>; visitorLimit: VisitorLimit },
  visitor: Visitor,
  conversation: string,
  turnId: string,
): Promise<Reservation> {
  const { usage, getStanding } = deps.accounts;
  const standing = await getStanding(visitor.accountId);
  const place = usage.placeOf(standing, turnId);
  // Behind a business's own server all visitors have its address.
  const person = visitor.kind === 'publishable' ? (visitor.address ?? '') : conversation;
  const uncount = () => usage.release(place);
  const giveBackVisitor = () => deps.visitorLimit.giveBack(standing, person);

  async function make(): Promise<void> {
    const [counted, taken] = await Promise.allSettled([
      usage.reserve(standing, place),
      deps.visitorLimit.take(standing, person),
    ]);
    if (counted.status === 'rejected') {
      if (taken.status === 'fulfilled') await giveBackVisitor();
      throw counted.reason;
    }
    if (taken.status === 'rejected') {
      await uncount();
      throw taken.reason;
    }
  }

  return {
    date: place.date,
    made: make(),
    async giveBack() {
      await Promise.all([uncount(), giveBackVisitor()]);
    },
  };
}
