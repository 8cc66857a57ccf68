import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { FailedAttempts } from '../platform/failed-attempts.ts';
import type { Logger } from '../platform/logger.ts';
import { type Hasher, isSameHash } from '../platform/server-secret.ts';
import { isKeyForm, keyPrefix } from './api-key.ts';
import type { ApiKey, ApiKeyModel } from './api-key.model.ts';

export interface KeyVerifier {
  /**
   * What is known of that key, at most `KNOWN_MS` old. Wrong keys are counted against their address; one that sent many has no key
   * looked up for a while, only those that are in memory pass.
   * @throws AppError `unknown-key` or, after many wrong ones from that address, `too-many-requests`.
   */
  verify(key: string, address?: string): Promise<ApiKey>;
  /** Keeps when a key was last used, to the minute. */
  noteUse(key: ApiKey): void;
  /** The next request with this key looks it up: it has changed. */
  forget(keyId: string): void;
}

/** How late another process learns that a key was changed or removed. */
const KNOWN_MS = 5000;
const KNOWN_MAX = 10_000;
const USE_MS = 60_000;

type Found = { readonly key: ApiKey; readonly validUntil: Date | null };

/** Verifies keys from memory where it can: a warm request costs one SHA-256, by which the key itself need not be kept. */
export function createKeyVerifier(deps: {
  keys: ApiKeyModel;
  clock: Clock;
  hasher: Hasher;
  log: Logger;
  wrongKeys: FailedAttempts;
  /** How many are remembered. */
  knownMax?: number;
}): KeyVerifier {
  const { keys, clock, hasher, log, wrongKeys } = deps;
  const nowMs = () => clock.now().getTime();
  const limits = { max: deps.knownMax ?? KNOWN_MAX, ttl: KNOWN_MS, ttlResolution: 0, perf: { now: nowMs } };
  const known = new LRUCache<string, Found>(limits);
  // Apart, so that a flood of wrong keys pushes no good one out.
  const unknown = new LRUCache<string, true>(limits);
  const running = new Map<string, Promise<Found | undefined>>();

  async function lookUp(key: string): Promise<Found | undefined> {
    const prefix = keyPrefix(key);
    const found = await keys.findOne({ 'secrets.prefix': prefix }, { refusedHosts: 0 }).lean();
    const hashed = hasher.hash('api-key', key);
    const secret = found?.secrets.find((each) => each.prefix === prefix && isSameHash(each.hash, hashed));
    return found && secret ? { key: found, validUntil: secret.validUntil ?? null } : undefined;
  }

  /** Many requests that miss at once are one look-up. What was being read while a key changed is not kept. */
  function lookUpOnce(key: string, digest: string): Promise<Found | undefined> {
    const earlier = running.get(digest);
    if (earlier !== undefined) return earlier;
    const start = nowMs();
    const lookup: Promise<Found | undefined> = lookUp(key)
      .then((found) => {
        if (running.get(digest) !== lookup) return found;
        if (found === undefined) unknown.set(digest, true, { start });
        else known.set(digest, found, { start });
        return found;
      })
      .finally(() => {
        if (running.get(digest) === lookup) running.delete(digest);
      });
    running.set(digest, lookup);
    return lookup;
  }

  async function find(key: string, address: string | undefined): Promise<Found> {
    const digest = hash('sha256', key, 'base64');
    const warm = known.get(digest);
    if (warm !== undefined) return warm;
    if (address !== undefined) wrongKeys.requireFew(address);
    const found = isKeyForm(key) && !unknown.has(digest) ? await lookUpOnce(key, digest) : undefined;
    if (found !== undefined) return found;
    if (address !== undefined) wrongKeys.count(address);
    throw new AppError('unknown-key', 'X-API-Key: this key is not known');
  }

  return {
    async verify(presented, address) {
      const { key, validUntil } = await find(presented, address);
      const now = clock.now();
      if (validUntil !== null && validUntil <= now)
        throw new AppError('unknown-key', 'X-API-Key: this key was rotated, and its time is over; use the new one');
      if (key.expiresAt && key.expiresAt <= now)
        throw new AppError('unknown-key', `X-API-Key: this key expired at ${key.expiresAt.toISOString()}`);
      return key;
    },

    noteUse(key) {
      const now = clock.now();
      const before = shiftDate(now, -USE_MS);
      if (key.lastUsedAt && key.lastUsedAt > before) return;
      // The copy in memory is told too, so that the other requests of this minute don't write.
      key.lastUsedAt = now;
      const isLater = { _id: key._id, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lte: before } }] };
      keys
        .updateOne(isLater, { $set: { lastUsedAt: now } }, { timestamps: false })
        .exec()
        .catch((error: unknown) => {
          log.warn({ event: 'keyUse.lost', accountId: key.accountId, keyId: key._id, err: error }, 'last use not kept');
        });
    },

    forget(keyId) {
      running.clear();
      const digests = [...known.entries()].filter(([, { key }]) => key._id === keyId).map(([digest]) => digest);
      for (const digest of digests) known.delete(digest);
    },
  };
}
