import type { UsageCounters } from '../accounts/usage.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ThreadModel } from './thread.model.ts';
import { isLive, type Turn, type TurnModel } from './turn.model.ts';
import { NO_TURN_MS, type TurnQueue } from './turn-queue.ts';
import type { TurnRecords } from './turn-record.ts';

const BATCH = 100;

/**
 * Ends the turns whose process died (their lease ran out), completes those that ended and whose message, or place in the
 * queue, is still open, frees places that never got a turn, and takes back what was counted for such. Any number of processes may do it at once. One that fails is
 * logged and holds up no other.
 */
export async function sweepTurns(
  deps: {
    clock: Clock;
    log: Logger;
    threads: ThreadModel;
    turns: TurnModel;
    records: TurnRecords;
    queue: TurnQueue;
    usage: Pick<UsageCounters, 'listOpen' | 'release'>;
  },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clock, log, turns, records } = deps;

  async function forEach<Item extends { accountId: string; _id: string }>(
    items: readonly Item[],
    mend: (item: Item) => Promise<void>,
  ): Promise<void> {
    for (const item of items) {
      signal?.throwIfAborted();
      try {
        await mend(item);
      } catch (error) {
        const { accountId, _id: id } = item;
        log.error({ event: 'sweep.failed', accountId, id, err: error }, 'could not be swept');
      }
    }
  }

  const abandoned = await turns
    .find({ state: { $in: ['waiting', 'running'] }, 'lease.until': { $lte: clock.now() } })
    .sort({ 'lease.until': 1 })
    .limit(BATCH)
    .setOptions({ acrossAccounts: true })
    .lean<Turn[]>();
  await forEach(abandoned, async (turn) => {
    const ended = await records.endAbandoned(turn);
    if (ended === undefined) return;
    log.warn({ event: 'turn.abandoned', accountId: turn.accountId, turnId: turn._id, state: ended.state }, 'abandoned');
  });
  const unsettled = await turns
    .find({ settled: false, state: { $in: ['done', 'interrupted', 'failed'] } })
    .sort({ createdAt: 1 })
    .limit(BATCH)
    .setOptions({ acrossAccounts: true })
    .lean<Turn[]>();
  await forEach(unsettled, records.settle);
  const stuck = await deps.threads
    .find({ 'queue.0.at': { $lte: shiftDate(clock.now(), -NO_TURN_MS) } })
    .sort({ 'queue.0.at': 1 })
    .limit(BATCH)
    .setOptions({ acrossAccounts: true })
    .lean();
  await forEach(stuck, deps.queue.clearDead);
  const counted = await deps.usage.listOpen(shiftDate(clock.now(), -NO_TURN_MS), BATCH);
  await forEach(
    counted.map((place) => ({ ...place, _id: place.turnId })),
    async (place) => {
      const turn = await records.find(place.accountId, place.turnId);
      if (turn === undefined) await deps.usage.release(place);
      else if (!isLive(turn)) await records.settle(turn);
    },
  );
}
