import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { LiveTurn, LiveTurns } from './live-turns.ts';
import { isLive, type TurnModel } from './turn.model.ts';
import { LEASE_MS } from './turn-record.ts';

/**
 * Keeps the leases of this process's turns, flushes what they have said, hears stop requests that came to other processes, and
 * ends those that take too long: one bulk and one query a beat, however many turns run.
 */
export interface Heartbeat {
  /** Beats while there are live turns; harmless to call again. */
  wake(): void;
  stop(): Promise<void>;
}

export function createHeartbeat(deps: {
  clock: Clock;
  log: Logger;
  processId: string;
  turns: TurnModel;
  live: LiveTurns;
  everyMs: number;
}): Heartbeat {
  const { clock, log, live, everyMs } = deps;
  const stopped = new AbortController();
  const flushed = new WeakMap<LiveTurn, number>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (live.list().length > 0 && !stopped.signal.aborted) {
      await clock.wait(everyMs, stopped.signal).catch(() => undefined);
      try {
        await beat(live.list());
      } catch (error) {
        log.warn({ event: 'heartbeat.failed', err: error }, 'heartbeat failed');
      }
    }
    running = undefined;
  }

  async function beat(turns: readonly LiveTurn[]): Promise<void> {
    if (turns.length === 0) return;
    for (const turn of turns) if (turn.deadline !== undefined && turn.deadline <= clock.now()) turn.abort('deadline');
    await renew(turns);
    const records = await deps.turns
      .find({ _id: { $in: turns.map((turn) => turn.id) } })
      .select({ state: 1, lease: 1, stopRequested: 1 })
      .setOptions({ acrossAccounts: true })
      .lean();
    const byId = new Map(records.map((record) => [record._id, record]));
    for (const turn of turns) {
      const record = byId.get(turn.id);
      if (record === undefined || !isLive(record) || record.lease.owner !== deps.processId) turn.abort('lease-lost');
      else if (record.stopRequested) turn.abort('stopped');
    }
  }

  async function renew(turns: readonly LiveTurn[]): Promise<void> {
    const until = shiftDate(clock.now(), LEASE_MS);
    const texts = turns.map((turn) => turn.text);
    await deps.turns.bulkWrite(
      turns.map((turn, place) => ({
        updateOne: {
          filter: {
            accountId: turn.accountId,
            _id: turn.id,
            state: { $in: ['waiting', 'running'] },
            'lease.owner': deps.processId,
          },
          update: {
            $set: {
              'lease.until': until,
              ...(flushed.get(turn) === texts[place]?.length ? {} : { textSoFar: texts[place] ?? '' }),
            },
          },
        },
      })),
      { ordered: false },
    );
    for (const [place, turn] of turns.entries()) flushed.set(turn, texts[place]?.length ?? 0);
  }

  return {
    wake() {
      if (!stopped.signal.aborted) running ??= run();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
