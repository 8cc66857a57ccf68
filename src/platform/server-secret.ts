import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { hasErrorCode } from './error-code.ts';

type Purpose =
  | 'api-key'
  | 'thread-token'
  | 'visitor'
  | 'installation'
  | 'address'
  | 'refresh-token'
  | 'mail-token'
  | 'email';

/** Keyed hashes under the server's secret, apart by purpose, so that one kind of token never passes for another. */
export interface Hasher {
  /** HMAC-SHA-256 in hex. */
  hash(purpose: Purpose, text: string): string;
  /** 32 bytes to encrypt with. */
  deriveKey(purpose: 'signing-key'): Buffer;
}

export function createHasher(secret: string): Hasher {
  return {
    hash: (purpose, text) => createHmac('sha256', secret).update(`${purpose}\n${text}`).digest('hex'),
    deriveKey: (purpose) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)),
  };
}

/** Whether two hex digests are equal, in a time that doesn't tell where they differ. */
export function isSameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** The configured secret, or one of this data folder, made on first start and readable by its owner only. */
export function openServerSecret(config: Pick<Config, 'dataDir' | 'serverSecret'>): string {
  if (config.serverSecret !== undefined) return config.serverSecret;
  const file = path.join(config.dataDir, 'server-secret');
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  try {
    // `wx`: of two processes that start at once, one makes it and the other reads it.
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 32) throw new Error(`${file} holds no secret; delete it to have a new one made`);
  return secret;
}
