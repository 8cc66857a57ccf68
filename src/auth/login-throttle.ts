import type { Connection } from 'mongoose';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../platform/errors.ts';
import { createLimiters } from '../platform/limiters.ts';
import type { Hasher } from '../platform/server-secret.ts';

const MINUTE_S = 60;

/** How often, in how many seconds. */
export const THROTTLES = {
  /** Wrong passwords of one e-mail address from one network address. */
  'login-pair': { points: 10, duration: 15 * MINUTE_S },
  /** Wrong passwords of one e-mail address from anywhere. */
  'login-email': { points: 100, duration: 24 * 60 * MINUTE_S },
  /** Wrong passwords from one network address. */
  'login-address': { points: 60, duration: 15 * MINUTE_S },
  /** Sign-ups from one network address; one that met a known e-mail address counts six times. */
  signup: { points: 60, duration: 60 * MINUTE_S },
  /** Mails to one e-mail address that anybody can ask for. */
  'mail-email': { points: 3, duration: 60 * MINUTE_S },
  /** Such mails asked for from one network address. */
  'mail-address': { points: 20, duration: 60 * MINUTE_S },
  /** Invitations of one business to one e-mail address. */
  'invitation-email': { points: 5, duration: 24 * 60 * MINUTE_S },
  /** Invitations of one business. */
  'invitation-account': { points: 100, duration: 24 * 60 * MINUTE_S },
} as const;
type Throttle = keyof typeof THROTTLES;

const KNOWN_EMAIL_POINTS = 5;

export interface LoginThrottle {
  /**
   * Counts a try as failed before its password is looked at, so that many at once are no way around. `isKnownAddress` says whether the
   * person is logged in from there already: such a place is spared the count of all places, so that strangers can't lock its owner out.
   * @throws AppError `too-many-requests`.
   */
  begin(email: string, address: string, isKnownAddress: () => Promise<boolean>): Promise<void>;
  /** Takes back what `begin` counted, and what failed before from that place. */
  succeed(email: string, address: string): Promise<void>;
  /** The person has shown by mail who it is: nothing counts any more. */
  forgive(email: string): Promise<void>;
  /** @throws AppError `too-many-requests`. */
  countSignup(address: string): Promise<void>;
  countKnownEmail(address: string): Promise<void>;
  /** Whether that mail may be sent. @throws AppError `too-many-requests` for the network address that asks; the answer stays ours. */
  mayMail(email: string, address?: string): Promise<boolean>;
  /** An invitation carries its inviter's words to a stranger. @throws AppError `too-many-requests`. */
  countInvitation(accountId: string, email: string): Promise<void>;
}

/** Counts in the database for all processes, in memory while it is away. Addresses are kept as keyed hashes. */
export function createLoginThrottle(deps: { connection: Connection; hasher: Hasher }): LoginThrottle {
  const { hasher } = deps;
  const limiters = createLimiters(deps.connection, THROTTLES);
  const emailKey = (email: string) => hasher.hash('email', email);
  const addressKey = (address: string) => hasher.hash('address', address);
  const pairKey = (email: string, address: string) => `${emailKey(email)}:${addressKey(address)}`;

  /** Undefined if it is within its limit. */
  async function overBy(name: Throttle, key: string, points = 1): Promise<number | undefined> {
    try {
      await limiters[name].consume(key, points);
      return undefined;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    }
  }

  async function require(name: Throttle, key: string): Promise<void> {
    const retryAfterS = await overBy(name, key);
    if (retryAfterS !== undefined) throw tooMany(retryAfterS);
  }

  return {
    async begin(email, address, isKnownAddress) {
      await require('login-address', addressKey(address));
      await require('login-pair', pairKey(email, address));
      const retryAfterS = await overBy('login-email', emailKey(email));
      if (retryAfterS !== undefined && !(await isKnownAddress())) throw tooMany(retryAfterS);
    },

    async succeed(email, address) {
      await Promise.all([
        limiters['login-pair'].delete(pairKey(email, address)),
        limiters['login-address'].reward(addressKey(address)),
        limiters['login-email'].reward(emailKey(email)),
      ]);
    },

    async forgive(email) {
      await limiters['login-email'].delete(emailKey(email));
    },

    countSignup: (address) => require('signup', addressKey(address)),

    async countKnownEmail(address) {
      await overBy('signup', addressKey(address), KNOWN_EMAIL_POINTS);
    },

    async mayMail(email, address) {
      if (address !== undefined) await require('mail-address', addressKey(address));
      return (await overBy('mail-email', emailKey(email))) === undefined;
    },

    async countInvitation(accountId, email) {
      await require('invitation-email', `${accountId}:${emailKey(email)}`);
      await require('invitation-account', accountId);
    },
  };
}

function tooMany(retryAfterS: number): AppError {
  const wait = retryAfterS < 120 ? `${retryAfterS} s` : `${Math.ceil(retryAfterS / 60)} minutes`;
  return new AppError('too-many-requests', `Too many tries; go on in ${wait}`, { retryAfterS });
}
