import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ApiKey, ApiKeyModel } from './api-key.model.ts';

/** A host whose pages were refused: an owner's own page that isn't allowed yet, or a key in foreign hands. */
export interface RefusedHost {
  readonly host: string;
  readonly count: number;
  readonly lastAt: Date;
}

export interface KeyRefusals {
  note(key: ApiKey, host: string): void;
  /** The hosts that were refused last, newest first. */
  list(key: ApiKey): Promise<readonly RefusedHost[]>;
  forget(keyId: string, host: string): void;
  /** Keeps what was counted, and counts no more. */
  stop(): Promise<void>;
}

const FLUSH_MS = 3000;
const HOSTS_MAX = 20;
const KEYS_MAX = 1000;
const COUNT_MAX = 1_000_000;
const WRITES_MAX = 3;

/**
 * Counts refusals in memory and writes them every few seconds, one update a key: whoever floods a key with hosts makes neither the
 * memory nor the document grow. What a crash loses are seconds of a count.
 */
export function createKeyRefusals(deps: { keys: ApiKeyModel; clock: Clock; log: Logger }): KeyRefusals {
  const { keys, clock, log } = deps;
  const counted = new LRUCache<string, Map<string, RefusedHost>>({ max: KEYS_MAX });
  const stopped = new AbortController();
  let isDue = false;

  function note(keyId: string, host: string): void {
    const hosts = counted.get(keyId) ?? new Map<string, RefusedHost>();
    const count = (hosts.get(host)?.count ?? 0) + 1;
    // Deleted first, so that the map's order is by recency.
    hosts.delete(host);
    hosts.set(host, { host, count, lastAt: clock.now() });
    if (hosts.size > HOSTS_MAX) hosts.delete(hosts.keys().next().value ?? '');
    counted.set(keyId, hosts);
    if (isDue || stopped.signal.aborted) return;
    isDue = true;
    clock.wait(FLUSH_MS, stopped.signal).then(flush, () => undefined);
  }

  async function flush(): Promise<void> {
    isDue = false;
    for (const keyId of counted.keys()) await flushKey(keyId);
  }

  async function flushKey(keyId: string): Promise<void> {
    const hosts = counted.get(keyId);
    if (hosts === undefined) return;
    counted.delete(keyId);
    try {
      for (let tries = 0; tries < WRITES_MAX; tries += 1) if (await write(keyId, [...hosts.values()])) return;
      log.warn({ event: 'refusals.lost', keyId }, 'other processes wrote at once');
    } catch (error) {
      log.warn({ event: 'refusals.lost', keyId, err: error }, 'refused hosts not kept');
    }
  }

  /** @returns false if another process wrote meanwhile. */
  async function write(keyId: string, hosts: readonly RefusedHost[]): Promise<boolean> {
    const key = await keys.findOne({ _id: keyId }, { refusedHosts: 1, refusalsRev: 1 }).lean();
    if (key === null) return true;
    const isUnchanged = { _id: keyId, refusalsRev: key.refusalsRev };
    const changes = { $set: { refusedHosts: mergeRefusals(key.refusedHosts, hosts) }, $inc: { refusalsRev: 1 } };
    return (await keys.updateOne(isUnchanged, changes, { timestamps: false })).matchedCount > 0;
  }

  return {
    note: (key, host) => note(key._id, host),

    async list({ _id: keyId }) {
      await flushKey(keyId);
      return (await keys.findOne({ _id: keyId }, { refusedHosts: 1 }).lean())?.refusedHosts ?? [];
    },

    forget: (keyId, host) => void counted.get(keyId)?.delete(host),

    async stop() {
      stopped.abort();
      await flush();
    },
  };
}

/** Adds up what was seen before and now: the last 20 hosts, newest first. */
export function mergeRefusals(before: readonly RefusedHost[], now: readonly RefusedHost[]): RefusedHost[] {
  const merged = new Map(before.map((each) => [each.host, each]));
  for (const { host, count, lastAt } of now) {
    const sum = Math.min(COUNT_MAX, (merged.get(host)?.count ?? 0) + count);
    merged.set(host, { host, count: sum, lastAt });
  }
  return [...merged.values()].sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime()).slice(0, HOSTS_MAX);
}
