import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { createFailedAttempts } from '../platform/failed-attempts.ts';
import type { NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { Platform } from '../platform/platform.ts';
import type { Hasher } from '../platform/server-secret.ts';
import { type RequestOrigin, refusedHost } from './allowed-host.ts';
import { type KeyKind, keyPrefix, makeKey } from './api-key.ts';
import { type ApiKey, createApiKeyModel } from './api-key.model.ts';
import { createKeyRefusals, type RefusedHost } from './api-key-refusals.ts';
import type { KeyPatch } from './api-key.schema.ts';
import { createKeyVerifier, type KeyVerifier } from './api-key-verifier.ts';

export interface NewKey {
  readonly kind: KeyKind;
  readonly name: string;
  /** For publishable keys: who may embed it. */
  readonly hosts: readonly string[];
  /** For secret keys: what it may do. */
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | null;
  /** The user who makes it. */
  readonly createdBy?: string;
}

/** A key as it is kept, and its secret, which is shown once. */
export interface ShownSecret {
  readonly id: string;
  readonly key: string;
  readonly record: ApiKey;
}

export interface ApiKeys extends Pick<KeyVerifier, 'verify' | 'noteUse'> {
  list(accountId: string): Promise<ApiKey[]>;
  /** The key itself is shown here and nowhere else. @throws AppError `invalid-input` for a publishable key without hosts. */
  create(accountId: string, key: NewKey): Promise<ShownSecret>;
  /** Holds here at once, in other processes within 5 s. @throws AppError `not-found`, `stale`, `invalid-input`. */
  update(accountId: string, id: string, patch: KeyPatch, ifMatch?: number): Promise<ApiKey>;
  /** Holds as soon as `update` does. @throws AppError `not-found` or `stale`. */
  remove(accountId: string, id: string, ifMatch?: number): Promise<void>;
  /**
   * A new secret under the same id, so that threads stay bound to it. The one before is good for `overlapHours`; one that was rotated
   * away earlier ends now. @throws AppError `not-found` or `stale`.
   */
  rotate(accountId: string, id: string, overlapHours: number, ifMatch?: number): Promise<ShownSecret>;
  /** Counts a host that a publishable key was refused for. */
  noteRefusal(key: ApiKey, seen: RequestOrigin): void;
  listRefusals(accountId: string, id: string): Promise<readonly RefusedHost[]>;
  /** Adds a host to those of a publishable key. @throws AppError `not-found`, `invalid-input`. */
  allowHost(accountId: string, id: string, host: string): Promise<ApiKey>;
  /** Keeps what is still counted in memory. */
  stop(): Promise<void>;
}

const KEYS_MAX = 100;
const HOSTS_MAX = 50;
const HOST_LENGTH_MAX = 255;
const HOUR_MS = 60 * 60 * 1000;

export function createApiKeys(deps: {
  connection: Connection;
  config: Platform['config'];
  clock: Clock;
  newId: NewId;
  hasher: Hasher;
  log: Logger;
}): ApiKeys {
  const { clock, newId, hasher } = deps;
  const keys = createApiKeyModel(deps.connection);
  const wrongKeys = createFailedAttempts(clock, deps.config.rateLimits.wrongKeys, 'wrong API keys');
  const verifier = createKeyVerifier({ ...deps, keys, wrongKeys });
  const refusals = createKeyRefusals({ ...deps, keys });

  async function get(accountId: string, id: string, ifMatch?: number): Promise<ApiKey> {
    const key = await keys.findOne({ accountId, _id: id }).lean();
    if (key === null) throw isMissing(id);
    if (ifMatch !== undefined && key.rev !== ifMatch) throw isStale();
    return key;
  }

  async function change(key: ApiKey, update: object, rev?: number): Promise<ApiKey> {
    const filter = { accountId: key.accountId, _id: key._id, ...(rev === undefined ? {} : { rev }) };
    const changed = await keys.findOneAndUpdate(filter, update, { returnDocument: 'after' }).lean();
    verifier.forget(key._id);
    if (changed === null) throw rev === undefined ? isMissing(key._id) : isStale();
    return changed;
  }

  function newSecret(kind: KeyKind) {
    const key = makeKey(kind);
    return { key, secret: { prefix: keyPrefix(key), hash: hasher.hash('api-key', key), validUntil: null } };
  }

  return {
    verify: verifier.verify,
    noteUse: verifier.noteUse,

    async list(accountId) {
      return keys.find({ accountId }).sort({ _id: 1 }).lean();
    },

    async create(accountId, { kind, name, hosts, scopes, expiresAt = null, createdBy = null }) {
      requireFitting({ kind, hosts, scopes, expiresAt }, clock.now());
      if ((await keys.countDocuments({ accountId })) >= KEYS_MAX)
        throw new AppError('conflict', `A business can have ${KEYS_MAX} keys; delete one that is not used`);
      const { key, secret } = newSecret(kind);
      const id = newId('key');
      const parts = { kind, name, hosts: [...hosts], scopes: [...scopes], expiresAt, createdBy };
      const made = await keys.create({ _id: id, accountId, secrets: [secret], ...parts });
      return { id, key, record: made.toObject() };
    },

    async update(accountId, id, patch, ifMatch) {
      const key = await get(accountId, id, ifMatch);
      const { hosts = key.hosts, scopes = key.scopes, expiresAt = null } = patch;
      requireFitting({ kind: key.kind, hosts, scopes, expiresAt }, clock.now());
      return change(key, { $set: patch, $inc: { rev: 1 } }, ifMatch);
    },

    async remove(accountId, id, ifMatch) {
      await get(accountId, id, ifMatch);
      await keys.deleteOne({ accountId, _id: id });
      verifier.forget(id);
    },

    async rotate(accountId, id, overlapHours, ifMatch) {
      const known = await get(accountId, id, ifMatch);
      const { key, secret } = newSecret(known.kind);
      const validUntil = shiftDate(clock.now(), overlapHours * HOUR_MS);
      const before = known.secrets.slice(0, 1).map((each) => ({ ...each, validUntil }));
      const update = { $set: { secrets: [secret, ...before] }, $inc: { rev: 1 } };
      const record = await change(known, update, known.rev);
      return { id, key, record };
    },

    noteRefusal(key, seen) {
      const host = refusedHost(seen);
      // A longer one is no name that could be allowed, and twenty of them would be a document that each list of keys reads.
      if (host !== undefined && host.length <= HOST_LENGTH_MAX) refusals.note(key, host);
    },

    async listRefusals(accountId, id) {
      return refusals.list(await get(accountId, id));
    },

    async allowHost(accountId, id, host) {
      const key = await get(accountId, id);
      requireFitting({ ...key, expiresAt: null, hosts: [...key.hosts, host] }, clock.now());
      if (key.hosts.length >= HOSTS_MAX) throw new AppError('invalid-input', `host: a key can have ${HOSTS_MAX} hosts`);
      refusals.forget(id, host);
      return change(key, {
        $addToSet: { hosts: host },
        $pull: { refusedHosts: { host } },
        $inc: { rev: 1, refusalsRev: 1 },
      });
    },

    stop: refusals.stop,
  };
}

function isMissing(id: string): AppError {
  return new AppError('not-found', `id: there is no key ${id}`);
}

function isStale(): AppError {
  return new AppError('stale', 'If-Match: the key was changed meanwhile; read it again');
}

/** @throws AppError naming the field that doesn't go with that kind of key. */
function requireFitting(
  { kind, hosts, scopes, expiresAt }: Required<Pick<NewKey, 'kind' | 'hosts' | 'scopes' | 'expiresAt'>>,
  now: Date,
): void {
  const isPublishable = kind === 'publishable';
  const rules = [
    {
      isBroken: isPublishable && hosts.length === 0,
      path: 'hosts',
      message: 'a publishable key needs at least one host',
    },
    {
      isBroken: isPublishable && scopes.length > 0,
      path: 'scopes',
      message: 'a publishable key has none: it chats, and nothing else',
    },
    { isBroken: !isPublishable && scopes.length === 0, path: 'scopes', message: 'a secret key needs at least one' },
    {
      isBroken: !isPublishable && hosts.length > 0,
      path: 'hosts',
      message: 'a secret key is for servers and has none',
    },
    { isBroken: expiresAt !== null && expiresAt <= now, path: 'expiresAt', message: 'must be in the future' },
  ];
  const broken = rules.find(({ isBroken }) => isBroken);
  if (broken === undefined) return;
  const { path, message } = broken;
  throw new AppError('invalid-input', `${path}: ${message}`, { fields: [{ path, message }] });
}
