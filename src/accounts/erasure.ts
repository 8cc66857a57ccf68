import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { addCounts, type DataOwners } from '../platform/data-owners.ts';
import { isDuplicateKey } from '../platform/database.ts';
import type { NewId } from '../platform/ids.ts';
import type { Leases } from '../platform/lease.ts';
import type { Logger } from '../platform/logger.ts';
import type { Outbox } from '../platform/outbox.ts';
import { withLease } from '../platform/with-lease.ts';
import type { Account } from './account.model.ts';
import type { AccountService } from './account.service.ts';
import { createErasureModel, type Erasure } from './erasure.model.ts';
import { erasureMail } from './erasure-mail.ts';

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * Removes a business from wherever it is. Each owner of data is asked to erase its own, one after the other, twice: what a request
 * or a job that was under way still wrote is found the second time. Every step is harmless when it is done twice, so that
 * a crash anywhere is mended by going on.
 */
export interface Erasures {
  /** From now on nothing works for the business. Asked for twice, it is one. */
  request(account: Pick<Account, '_id' | 'slug' | 'contact'>, by: Requester): Promise<Erasure>;
  /** Goes on with those that are due; one that fails is logged, holds up no other, and is tried again. */
  runDue(signal: AbortSignal): Promise<void>;
  /** Runs one to its end. @throws what an owner throws; it is due again then. */
  run(erasure: Erasure, options: RunOptions): Promise<Erasure>;
}

export interface Requester {
  readonly actorId: string;
}

/** Longer than a standing is cached and a write may take together: who began before the end has finished. */
export const SETTLE_MS = 15_000;
const RETRY_MS = 30_000;
const PASSES = 2;
const BATCH = 10;

export function createErasures(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  log: Logger;
  leases: Leases;
  outbox: Outbox;
  accounts: Pick<AccountService, 'closeForErasure'>;
  /** Where the report goes if the business has no address. */
  findEmail(userId: string): Promise<string | undefined>;
  owners: DataOwners;
}): Erasures {
  const { clock, log, accounts, owners } = deps;
  const erasures = createErasureModel(deps.connection);

  async function change(erasure: Erasure, update: object): Promise<Erasure> {
    const { accountId, _id } = erasure;
    return (await erasures.findOneAndUpdate({ accountId, _id }, update, { returnDocument: 'after' }).lean()) ?? erasure;
  }

  /** Goes through all owners once. */
  async function pass(erasure: Erasure, { signal, onProgress }: RunOptions): Promise<Erasure> {
    const { accountId } = erasure;
    // Here too: the request may have died before it.
    await accounts.closeForErasure(accountId);
    let { counts } = erasure;
    for (const [place, owner] of owners.list.entries()) {
      signal.throwIfAborted();
      const removed = await owner.eraseAccount(accountId, signal);
      counts = { ...counts, [owner.name]: addCounts(counts[owner.name] ?? {}, removed) };
      await change(erasure, { $set: { counts } });
      onProgress?.({ done: erasure.passes * owners.list.length + place + 1, total: PASSES * owners.list.length });
    }
    return change(erasure, {
      $set: { counts, passes: erasure.passes + 1, dueAt: shiftDate(clock.now(), SETTLE_MS) },
    });
  }

  async function finish(erasure: Erasure): Promise<Erasure> {
    if (erasure.notify !== undefined) await deps.outbox.post(erasureMail(erasure, erasure.notify));
    const finished = await change(erasure, {
      $set: { finishedAt: clock.now() },
      $unset: { dueAt: 1, notify: 1 },
    });
    const { _id, accountId, counts } = finished;
    log.info({ event: 'account.erased', accountId, erasureId: _id, counts }, 'account erased');
    return finished;
  }

  /** One pass; the last one ends it. Undefined while another process is at it. */
  async function advance(erasure: Erasure, options: RunOptions): Promise<Erasure | undefined> {
    const { accountId, _id } = erasure;
    return withLease(deps, `erase:${accountId}`, options.signal, async (signal) => {
      const current = await erasures.findOne({ accountId, _id }).lean();
      if (current === null || current.finishedAt !== null) return current ?? erasure;
      try {
        const after = current.passes < PASSES ? await pass(current, { ...options, signal }) : current;
        return after.passes < PASSES ? after : await finish(after);
      } catch (error) {
        await change(current, { $set: { dueAt: shiftDate(clock.now(), RETRY_MS) } });
        throw error;
      }
    });
  }

  return {
    async request({ _id: accountId, slug, contact }, { actorId }) {
      const now = clock.now();
      const notify = contact.email ?? (await deps.findEmail(actorId));
      const wanted: Erasure = {
        _id: deps.newId('ers'),
        accountId,
        slug,
        requestedBy: actorId,
        requestedAt: now,
        ...(notify === undefined ? {} : { notify }),
        passes: 0,
        dueAt: now,
        finishedAt: null,
        counts: {},
      };
      // The record first: a business that is closed and is never erased would be lost to everybody.
      const erasure = await erasures.create(wanted).then(
        () => wanted,
        async (error: unknown) => {
          const first = isDuplicateKey(error) ? await erasures.findOne({ accountId }).lean() : null;
          if (first === null) throw error;
          return first;
        },
      );
      await accounts.closeForErasure(accountId);
      return erasure;
    },

    async runDue(signal) {
      const due = await erasures
        .find({ dueAt: { $lte: clock.now() } })
        .sort({ dueAt: 1 })
        .limit(BATCH)
        .setOptions({ acrossAccounts: true })
        .lean<Erasure[]>();
      for (const erasure of due) {
        signal.throwIfAborted();
        try {
          await advance(erasure, { signal });
        } catch (error) {
          if (signal.aborted) throw error;
          const { accountId, _id: erasureId } = erasure;
          log.error({ event: 'erasure.failed', accountId, erasureId, err: error }, 'erasure failed');
        }
      }
    },

    async run(erasure, options) {
      for (;;) {
        const after = await advance(erasure, options);
        if (after !== undefined && after.finishedAt !== null) return after;
        const waitMs = after?.dueAt === undefined ? 1000 : after.dueAt.getTime() - clock.now().getTime();
        await clock.wait(Math.max(waitMs, 0), options.signal);
      }
    },
  };
}
