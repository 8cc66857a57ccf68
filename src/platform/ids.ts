import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

export type IdPrefix =
  | 'acc'
  | 'loc'
  | 'faq'
  | 'ctx'
  | 'key'
  | 'asst'
  | 'thr'
  | 'trn'
  | 'msg'
  | 'hnd'
  | 'req'
  | 'prc'
  | 'aud'
  | 'ers'
  | 'usr'
  | 'ses'
  | 'inv'
  | 'mail';
export type NewId = (prefix: IdPrefix) => string;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes ids such as `thr_01k…`: a prefix that says what it is, 48 bits of time and 80 random bits in Crockford's
 * base 32 (the layout of a ULID, lower case), so that ids sort by the time they were made.
 */
export function createIds(clock: Clock, random: (bytes: number) => Uint8Array = randomBytes): NewId {
  return (prefix) => `${prefix}_${encodeTime(clock.now().getTime())}${encodeRandom(random(10))}`;
}

function encodeTime(ms: number): string {
  let rest = ms;
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let place = 0; place < 16; place += 1) {
    text = `${ALPHABET[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return text;
}
