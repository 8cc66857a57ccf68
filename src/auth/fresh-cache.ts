import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock.ts';

/** What was loaded within the last seconds, bounded. Own changes are forgotten at once; other processes' within the time. */
export interface FreshCache<Value> {
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
  });
  let forgotten = 0;
  return {
    async get(key) {
      const hit = known.get(key);
      if (hit !== undefined) return hit.value;
      const before = forgotten;
      const value = await load(key);
      // What was changed while it was read may have been read as it was before.
      if (before === forgotten) known.set(key, { value });
      return value;
    },
    forget(key) {
      forgotten += 1;
      known.delete(key);
    },
    forgetAll() {
      forgotten += 1;
      known.clear();
    },
  };
}
