import type { Connection } from 'mongoose';
import type { AccountService } from '../accounts/account.service.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import type { NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { Outbox } from '../platform/outbox.ts';
import { loadTemplate } from '../platform/templates.ts';
import { createHandoffRecords, type HandoffRecords } from './communication-data.ts';
import { createHandoffModel, type Handoff } from './handoff.model.ts';

export interface NewHandoff extends Pick<Handoff, 'threadId' | 'by' | 'name' | 'email' | 'phone' | 'reason'> {
  /** Names the wish, so that telling it twice makes one handoff; absent: each call is a wish of its own. */
  readonly onceKey?: string;
}

export interface CommunicationService extends HandoffRecords {
  /** Stores that a visitor wants a person. The same `onceKey` answers the first handoff. */
  createHandoff(accountId: string, wish: NewHandoff): Promise<Handoff>;
  /** Tells businesses of their new handoffs. One that can't be told is tried again in an hour; the rest goes on. */
  deliverHandoffs(signal?: AbortSignal): Promise<void>;
}

const BATCH = 100;
const RETRY_MS = 60 * 60 * 1000;

const renderMail =
  loadTemplate<Record<'business' | 'name' | 'email' | 'phone' | 'when' | 'reason', string>>('mail/handoff');

export function createCommunicationService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  log: Logger;
  accounts: AccountService;
  outbox: Outbox;
  /** Who is told where the business has said no address for it. */
  findOwnerEmail(accountId: string): Promise<string | undefined>;
}): CommunicationService {
  const { clock, log, accounts, outbox } = deps;
  const handoffs = createHandoffModel(deps.connection);

  async function deliver(handoff: Handoff): Promise<void> {
    const { _id, accountId } = handoff;
    const { name: business, contact } = await accounts.get(accountId);
    const to = contact.email ?? (await deps.findOwnerEmail(accountId));
    if (to === undefined) throw new Error('the business has no e-mail address');
    const subject = `${handoff.name ?? 'A visitor'} would like to hear from you`;
    // The mail first: told twice is one mail, never told would be a visitor forgotten.
    await outbox.post({ id: _id, to, subject, text: mailText(handoff, business) });
    const told = await handoffs.updateOne({ accountId, _id }, { $set: { state: 'delivered' } });
    // Its conversation was erased meanwhile, and the mail with it: not this copy.
    if (told.matchedCount === 0) await outbox.withdraw(_id);
    log.info({ event: 'handoff.delivered', accountId, handoffId: _id }, 'handoff delivered');
  }

  return {
    ...createHandoffRecords(deps),

    async createHandoff(accountId, wish) {
      const id = deps.newId('hnd');
      const onceKey = wish.onceKey ?? id;
      const now = clock.now();
      const handoff = { ...wish, _id: id, accountId, onceKey, state: 'new' as const, dueAt: now, createdAt: now };
      try {
        await handoffs.create(handoff);
        return handoff;
      } catch (error) {
        const first = isDuplicateKey(error) ? await handoffs.findOne({ accountId, onceKey }).lean() : null;
        if (first === null) throw error;
        return first;
      }
    },

    async deliverHandoffs(signal) {
      const due = await handoffs
        .find({ state: 'new', dueAt: { $lte: clock.now() } })
        .setOptions({ acrossAccounts: true })
        .sort({ dueAt: 1 })
        .limit(BATCH)
        .lean<Handoff[]>();
      for (const handoff of due) {
        signal?.throwIfAborted();
        const { _id, accountId } = handoff;
        try {
          await deliver(handoff);
        } catch (error) {
          log.warn({ event: 'handoff.undelivered', accountId, handoffId: _id, err: error }, 'handoff not delivered');
          const dueAt = shiftDate(clock.now(), RETRY_MS);
          await handoffs.updateOne({ accountId, _id, state: 'new' }, { $set: { dueAt } });
        }
      }
    },
  };
}

function mailText(handoff: Handoff, business: string): string {
  return renderMail({
    business,
    name: handoff.name ?? 'not given',
    email: handoff.email ?? 'not given',
    phone: handoff.phone ?? 'not given',
    when: handoff.createdAt.toUTCString(),
    reason: handoff.reason,
  });
}
