import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

const TRIES_MAX = 5;

/** Calls `look` until it succeeds. @throws its fifth error in a row; what it threw last once the signal is aborted. */
export type Patience = <Result>(signal: AbortSignal, look: () => Promise<Result>) => Promise<Result>;

/** For those who look again and again anyway: a database that is away for a moment is no end. */
export function createPatience(deps: { clock: Clock; log: Logger; waitMs: number }): Patience {
  return async (signal, look) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await look();
      } catch (error) {
        if (attempt === TRIES_MAX || signal.aborted) throw error;
        deps.log.warn({ event: 'look.failed', attempt, err: error }, 'looks again');
        await deps.clock.wait(deps.waitMs, signal).catch(() => undefined);
      }
    }
  };
}
