import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { TurnModel } from './turn.model.ts';
import type { TurnRecords } from './turn-record.ts';

const BATCH = 100;

/**
 * Ends the turns whose process died (their lease ran out) and completes those that ended and whose message, or place in the
 * queue, is still open. Any number of processes may do it at once.
 */
export async function sweepTurns(
  deps: { clock: Clock; log: Logger; turns: TurnModel; records: TurnRecords },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clock, log, turns, records } = deps;
  const abandoned = await turns
    .find({ state: { $in: ['waiting', 'running'] }, 'lease.until': { $lte: clock.now() } })
    .limit(BATCH)
    .setOptions({ acrossAccounts: true })
    .lean();
  for (const turn of abandoned) {
    signal?.throwIfAborted();
    const ended = await records.endAbandoned(turn);
    if (ended === undefined) continue;
    log.warn({ event: 'turn.abandoned', accountId: turn.accountId, turnId: turn._id, state: ended.state }, 'abandoned');
  }
  const unsettled = await turns
    .find({ settled: false, state: { $in: ['done', 'interrupted', 'failed'] } })
    .limit(BATCH)
    .setOptions({ acrossAccounts: true })
    .lean();
  for (const turn of unsettled) {
    signal?.throwIfAborted();
    await records.settle(turn);
  }
}
