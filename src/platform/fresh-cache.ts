import { LRUCache } from 'lru-cache';
import type { Clock } from './clock.ts';

/** What was loaded within the last seconds, bounded. Own changes are forgotten at once; other processes' within the time. */
export interface FreshCache<Value> {
  /** Those who ask at once share one load. @throws what loading throws. */
  get(key: string): Promise<Value>;
  forget(key: string): void;
  forgetAll(): void;
}

export function createFreshCache<Value>(
  clock: Clock,
  { freshMs, max }: { freshMs: number; max: number },
  load: (key: string) => Promise<Value>,
): FreshCache<Value> {
  const known = new LRUCache<string, { readonly value: Value }>({
    max,
    ttl: freshMs,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
    fetchMethod: async (key) => ({ value: await load(key) }),
    // Who waits when it is forgotten gets what was read, which is not kept: otherwise forgetting would fail their requests.
    ignoreFetchAbort: true,
  });
  return {
    async get(key) {
      const { value } = known.get(key) ?? (await known.forceFetch(key));
      return value;
    },
    forget: (key) => void known.delete(key),
    forgetAll: () => known.clear(),
  };
}
