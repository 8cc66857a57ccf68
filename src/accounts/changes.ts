import { type Clock, shiftDate } from '../platform/clock.ts';
import type { createAccountModel } from './account.model.ts';

/** A writer that died between its write and its second mark has done so within this time. */
const WRITER_MS = 10_000;

/** While a sync runs the business counts as not due, so that workers look at the next; if the sync dies it is due after this. */
const HELD_MS = 60_000;

/** What a sync saw when it began; `finishSync` compares with it. */
export interface SyncStart {
  readonly changeSeq: number;
  readonly changedAt: Date;
  readonly startedAt: Date;
  readonly contextVersion: number;
}

/**
 * The dirty mark of each business and its end, as docs/sync.md draws it. A change and its mark are two documents and
 * no transaction joins them, so the account is marked before the write and again after it.
 */
export interface Changes {
  /** Runs a write of at most 5 s between two marks. Longer ones go in batches, each marked. */
  recordChange<Result>(accountId: string, write: () => Promise<Result>): Promise<Result>;
  /** Ids of the businesses whose sync is due, the longest waiting first. */
  listSyncDue(limit: number): Promise<string[]>;
  /** Says that `token` syncs from now on, and reads what is to be synced; undefined if a later token has begun, or the business is deleted. */
  startSync(accountId: string, token: number): Promise<SyncStart | undefined>;
  /**
   * Ends a sync: nothing is due any more but `nextTryAt` and the second look, unless something changed meanwhile.
   * Changes nothing when a later token has begun.
   */
  finishSync(
    accountId: string,
    token: number,
    start: SyncStart,
    end: { nextTryAt: Date | undefined; contextVersion: number },
  ): Promise<void>;
  /** A sync that goes on says so: the business stays not due, unless it changed meanwhile. */
  holdSync(accountId: string, token: number, start: SyncStart): Promise<void>;
  /** Makes the sync due now, also when nothing changed. */
  makeSyncDue(accountId: string): Promise<void>;
  /** A sync failed: its next try is at `at`, or sooner if something changed meanwhile. */
  postponeSync(accountId: string, token: number, at: Date): Promise<void>;
}

export function createChanges(
  accounts: ReturnType<typeof createAccountModel>,
  clock: Clock,
  debounceMs: number,
): Changes {
  async function mark(accountId: string): Promise<void> {
    const now = clock.now();
    await accounts.updateOne(
      { _id: accountId },
      { $inc: { changeSeq: 1 }, $set: { changedAt: now }, $min: { syncDueAt: shiftDate(now, debounceMs) } },
    );
  }

  return {
    async recordChange(accountId, write) {
      await mark(accountId);
      try {
        return await write();
      } finally {
        // Also after a failure: a write whose answer was lost may have been done.
        await mark(accountId);
      }
    },

    async listSyncDue(limit) {
      const due = await accounts
        .find({ syncDueAt: { $lte: clock.now() }, status: { $ne: 'deleting' } })
        .sort({ syncDueAt: 1 })
        .limit(limit)
        .select({ _id: 1 })
        .lean();
      return due.map((account) => account._id);
    },

    async startSync(accountId, token) {
      const started = await accounts
        .findOneAndUpdate(
          { _id: accountId, syncToken: { $lte: token }, status: { $ne: 'deleting' } },
          { $set: { syncToken: token, syncDueAt: shiftDate(clock.now(), HELD_MS) } },
          { returnDocument: 'after', timestamps: false },
        )
        .lean();
      if (started === null) return undefined;
      const { changeSeq, changedAt, contextVersion } = started;
      return { changeSeq, changedAt, contextVersion, startedAt: clock.now() };
    },

    async finishSync(accountId, token, start, { nextTryAt, contextVersion }) {
      const { changeSeq, changedAt, startedAt } = start;
      const secondLookAt = shiftDate(changedAt, WRITER_MS);
      const dueAt = earliest(startedAt < secondLookAt ? secondLookAt : undefined, nextTryAt);
      const synced = { syncedSeq: changeSeq, contextVersion };
      await accounts.updateOne(
        { _id: accountId, syncToken: token, changeSeq },
        dueAt === undefined ? { $set: synced, $unset: { syncDueAt: 1 } } : { $set: { ...synced, syncDueAt: dueAt } },
        { timestamps: false },
      );
      // Changed meanwhile: what was rendered is live all the same, and the account stays due.
      await accounts.updateOne(
        { _id: accountId, syncToken: token, changeSeq: { $gt: changeSeq } },
        { $set: synced },
        { timestamps: false },
      );
    },

    async holdSync(accountId, token, { changeSeq }) {
      const held = { _id: accountId, syncToken: token, changeSeq };
      await accounts.updateOne(held, { $set: { syncDueAt: shiftDate(clock.now(), HELD_MS) } }, { timestamps: false });
    },

    async makeSyncDue(accountId) {
      const now = clock.now();
      // Counted as a change: a sync that runs right now must not take it for done.
      await accounts.updateOne(
        { _id: accountId },
        { $inc: { changeSeq: 1 }, $set: { changedAt: now }, $min: { syncDueAt: now } },
        { timestamps: false },
      );
    },

    async postponeSync(accountId, token, at) {
      await accounts.updateOne(
        { _id: accountId, syncToken: token },
        { $min: { syncDueAt: at } },
        { timestamps: false },
      );
    },
  };
}

function earliest(...dates: (Date | undefined)[]): Date | undefined {
  return dates.filter((date) => date !== undefined).sort((a, b) => a.getTime() - b.getTime())[0];
}
