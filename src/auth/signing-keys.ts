import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Hasher } from '../platform/server-secret.ts';
import { seal, unseal } from './seal.ts';
import { createSigningKeyModel, type SigningKeyRecord } from './signing-key.model.ts';

/** How long a token is good, and how far two processes' clocks and memories may be apart. */
export const TOKEN_S = 15 * 60;
export const LEEWAY_S = 10;

/** A retired key verifies until the last token by it is over: one may be signed while a process hasn't heard of the new key. */
const RETIRED_MS = (TOKEN_S + 2 * LEEWAY_S) * 1000;
/** What is known is read again after this time. */
const KNOWN_MS = 5000;
/** A token of an unknown key makes us look again, but no more often. */
const LOOK_AGAIN_MS = 1000;

export interface SigningKey {
  readonly kid: string;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

export interface SigningKeys {
  /** The newest key; the first is made when there is none. */
  current(): Promise<SigningKey>;
  /** One whose tokens are good now. */
  find(kid: string): Promise<SigningKey | undefined>;
  /** Makes the next key. Tokens by those before stay good until they are over. @returns its kid. */
  rotate(): Promise<string>;
}

interface Known {
  readonly keys: readonly (SigningKey & { readonly generation: number; readonly retiredAt: Date | undefined })[];
  /** The greatest one that there is, be it usable or not. */
  readonly generation: number;
  readonly atMs: number;
}

/**
 * The Ed25519 keys that sign sessions, kept in the database for all processes, the private half sealed under the server's secret. A key
 * that doesn't open (made under another secret, or slipped in by somebody who can write to the database) is none.
 */
export function createSigningKeys(deps: {
  connection: Connection;
  clock: Clock;
  hasher: Hasher;
  log: Logger;
}): SigningKeys {
  const { clock, log } = deps;
  const model = createSigningKeyModel(deps.connection);
  const sealingKey = deps.hasher.deriveKey('signing-key');
  const opened = new Map<string, SigningKey>();
  let known: Promise<Known> | undefined;
  const nowMs = () => clock.now().getTime();

  async function open({ _id: kid, publicJwk, sealedPrivateKey }: SigningKeyRecord): Promise<SigningKey | undefined> {
    const before = opened.get(kid);
    if (before !== undefined) return before;
    const text = unseal(sealingKey, labelOf(kid, publicJwk as JWK), sealedPrivateKey);
    if (text === undefined) return undefined;
    const [publicKey, privateKey] = await Promise.all([
      importJWK(publicJwk as JWK, 'EdDSA'),
      importJWK(JSON.parse(text) as JWK, 'EdDSA'),
    ]);
    const key = { kid, publicKey, privateKey } as SigningKey;
    opened.set(kid, key);
    return key;
  }

  async function read(): Promise<Known> {
    const records = await model.find().sort({ generation: -1 }).lean<SigningKeyRecord[]>();
    const keys = [];
    for (const [index, record] of records.entries()) {
      const key = await open(record);
      // The next one's birth counts: whoever rotated may have died before it wrote down that this one is retired.
      const retiredAt = records[index - 1]?.createdAt;
      if (key !== undefined) keys.push({ ...key, generation: record.generation, retiredAt });
    }
    return { keys, generation: records[0]?.generation ?? 0, atMs: nowMs() };
  }

  /** One reading is shared by all who ask meanwhile. */
  async function look(agedMs: number): Promise<Known> {
    const last = known;
    if (last !== undefined) {
      const { atMs } = await last;
      const isFresh = Math.abs(nowMs() - atMs) < agedMs;
      if (isFresh) return last;
    }
    if (known === last) {
      const reading = read();
      known = reading;
      reading.catch(() => {
        if (known === reading) known = undefined;
      });
    }
    return known as Promise<Known>;
  }

  async function make(generation: number): Promise<void> {
    const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const publicJwk = { ...(await exportJWK(pair.publicKey)), alg: 'EdDSA' };
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealedPrivateKey = seal(
      sealingKey,
      labelOf(kid, publicJwk),
      JSON.stringify({ ...(await exportJWK(pair.privateKey)), alg: 'EdDSA' }),
    );
    const now = clock.now();
    try {
      await model.create({ _id: kid, generation, publicJwk, sealedPrivateKey, createdAt: now });
      await model.updateMany({ generation: { $lt: generation }, retiredAt: null }, { $set: { retiredAt: now } });
      await model.deleteMany({ generation: { $lt: generation }, retiredAt: { $lt: shiftDate(now, -RETIRED_MS) } });
      log.info({ event: 'signingKey.created', kid, generation }, 'signing key created');
    } catch (error) {
      // Another process was faster: its key is as good.
      if (!isDuplicateKey(error)) throw error;
    }
    known = undefined;
  }

  return {
    async current() {
      for (;;) {
        const { keys, generation } = await look(KNOWN_MS);
        const newest = keys[0];
        if (newest !== undefined && newest.generation === generation) return newest;
        await make(generation + 1);
      }
    },

    async find(kid) {
      const has = ({ keys }: Known) => keys.find((key) => key.kid === kid);
      const key = has(await look(KNOWN_MS)) ?? has(await look(LOOK_AGAIN_MS));
      const isOver = key?.retiredAt !== undefined && nowMs() > key.retiredAt.getTime() + RETIRED_MS;
      return isOver ? undefined : key;
    },

    async rotate() {
      const { generation } = await look(0);
      await make(generation + 1);
      const { keys } = await look(0);
      return (keys[0] as SigningKey).kid;
    },
  };
}

/** The public half goes with its private one and no other. */
function labelOf(kid: string, { crv, kty, x }: JWK): string {
  return JSON.stringify([kid, kty, crv, x]);
}
