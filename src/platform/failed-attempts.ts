import { LRUCache } from 'lru-cache';
import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';

/** Failures of each address within a minute, in this process's memory: an attack costs no write. */
export interface FailedAttempts {
  /** @throws AppError `too-many-requests` if that address failed too often within the minute. */
  requireFew(address: string): void;
  count(address: string): void;
}

const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 10_000;

/** `what` names in plural what was tried, for the refusal. */
export function createFailedAttempts(clock: Clock, attemptsMax: number, what: string): FailedAttempts {
  const nowMs = () => clock.now().getTime();
  const failures = new LRUCache<string, { count: number; readonly untilMs: number }>({ max: ADDRESSES_MAX });
  function find(address: string) {
    const failed = failures.get(address);
    return failed !== undefined && failed.untilMs > nowMs() ? failed : undefined;
  }

  return {
    requireFew(address) {
      const failed = find(address);
      if (failed === undefined || failed.count < attemptsMax) return;
      const retryAfterS = Math.ceil((failed.untilMs - nowMs()) / 1000);
      const detail = `Too many ${what} from this address: ${attemptsMax} a minute are looked at; try again in ${retryAfterS} s`;
      throw new AppError('too-many-requests', detail, { retryAfterS });
    },

    count(address) {
      const failed = find(address);
      if (failed === undefined) failures.set(address, { count: 1, untilMs: nowMs() + WINDOW_MS });
      else failed.count += 1;
    },
  };
}
