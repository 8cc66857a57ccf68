import { setTimeout as delay } from 'node:timers/promises';

/** The one source of time, so that a test can set it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  wait: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};

/** A date `ms` after (or, negative, before) `date`. */
export function shiftDate(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}
