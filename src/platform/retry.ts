import { APIConnectionError, APIError } from 'openai';
import type { Clock } from './clock.ts';

export interface RetryOptions {
  readonly attempts: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  /** 0 to 1; spreads those who wait. */
  readonly random?: () => number;
}

/**
 * Calls `run` again while OpenAI says that it may help: no connection, 408, 409, 429 and 5xx. Waits what `Retry-After` asks (up to
 * 60 s), else 0.5 s doubled each time, at most 8 s, less up to a quarter. @throws the last error.
 */
export async function retryUpstream<Result>(run: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= options.attempts || options.signal?.aborted || !isTransient(error)) throw error;
      const random = options.random ?? Math.random;
      const backoffMs = Math.min(8000, 500 * 2 ** (attempt - 1)) * (1 - random() / 4);
      await options.clock.wait(retryAfterMs(error) ?? backoffMs, options.signal);
    }
  }
}

/** Whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof APIConnectionError) return true;
  if (!(error instanceof APIError)) return false;
  // An exhausted budget answers 429 too, but waiting doesn't fill it.
  if (error.code === 'insufficient_quota') return false;
  const status = error.status as number | undefined;
  return status === 408 || status === 409 || status === 429 || (status !== undefined && status >= 500);
}

function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof APIError)) return undefined;
  const headers = error.headers as Headers | undefined;
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return seconds >= 0 && seconds <= 60 ? seconds * 1000 : undefined;
}
