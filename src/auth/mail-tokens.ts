import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Hasher } from '../platform/server-secret.ts';
import { createMailTokenModel, type MailToken } from './mail-token.model.ts';

const MINUTE_MS = 60 * 1000;
const LIFE_MS = { verify: 24 * 60 * MINUTE_MS, reset: 30 * MINUTE_MS };

export interface MailTokens {
  /** A token to be mailed; those before of that purpose end. */
  create(userId: string, purpose: MailToken['purpose']): Promise<string>;
  /** Whose it was; it is good no more. @throws AppError `invalid-input`. */
  redeem(token: string, purpose: MailToken['purpose']): Promise<string>;
  /** Looks at one without using it up. @throws AppError `invalid-input`. */
  getOwner(token: string, purpose: MailToken['purpose']): Promise<string>;
  endAll(userId: string, purpose: MailToken['purpose']): Promise<void>;
}

/** Tokens by which somebody shows that a mail reached them. Only their keyed hashes are kept. */
export function createMailTokens(deps: { connection: Connection; clock: Clock; hasher: Hasher }): MailTokens {
  const { clock, hasher } = deps;
  const tokens = createMailTokenModel(deps.connection);
  const live = (token: string, purpose: MailToken['purpose']) => ({
    _id: hashMailToken(hasher, token),
    purpose,
    expiresAt: { $gt: clock.now() },
  });
  return {
    async create(userId, purpose) {
      const token = newMailToken();
      const expiresAt = shiftDate(clock.now(), LIFE_MS[purpose]);
      await tokens.deleteMany({ userId, purpose });
      await tokens.create({ _id: hashMailToken(hasher, token), purpose, userId, expiresAt });
      return token;
    },
    async redeem(token, purpose) {
      const found = await tokens.findOneAndDelete(live(token, purpose)).lean<MailToken>();
      return ownerOf(found);
    },
    async getOwner(token, purpose) {
      return ownerOf(await tokens.findOne(live(token, purpose)).lean<MailToken>());
    },
    async endAll(userId, purpose) {
      await tokens.deleteMany({ userId, purpose });
    },
  };
}

export function newMailToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashMailToken(hasher: Hasher, token: string): string {
  return hasher.hash('mail-token', token);
}

/** One answer for all that is wrong with a token. */
export function isNoMailToken(): AppError {
  const message = 'was used already, is too old or not one of ours; ask for a new mail';
  return new AppError('invalid-input', `token: ${message}`, { fields: [{ path: 'token', message }] });
}

function ownerOf(found: MailToken | null): string {
  if (found === null) throw isNoMailToken();
  return found.userId;
}
