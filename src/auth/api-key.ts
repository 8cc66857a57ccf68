import { createHash, randomBytes } from 'node:crypto';

export type KeyKind = 'publishable' | 'secret';

const MARKS = { publishable: 'cb_pk_', secret: 'cb_sk_' } as const satisfies Record<KeyKind, string>;
const FORM = /^cb_[ps]k_[\w-]{43}[0-9a-f]{6}$/;

/** A new key: its mark, 32 random bytes in base64url, and a checksum by which a mistyped one is told without a look-up. */
export function makeKey(kind: KeyKind, random: (bytes: number) => Buffer = randomBytes): string {
  const body = `${MARKS[kind]}${random(32).toString('base64url')}`;
  return `${body}${checksum(body)}`;
}

/** Whether it has the form and checksum of a key. */
export function isKeyForm(key: string): boolean {
  return FORM.test(key) && checksum(key.slice(0, -6)) === key.slice(-6);
}

/** The part by which a key is looked up and named to people: mark and 60 bits of 256. */
export function keyPrefix(key: string): string {
  return key.slice(0, 16);
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 6);
}
