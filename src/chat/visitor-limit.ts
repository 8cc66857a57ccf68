import type { Connection } from 'mongoose';
import { RateLimiterMemory, RateLimiterMongo } from 'rate-limiter-flexible';
import type { Standing } from '../accounts/standing.ts';
import { sayContact } from '../accounts/standing.ts';
import { AppError } from '../platform/errors.ts';
import type { Hasher } from '../platform/server-secret.ts';

/** Messages of one visitor within an hour: a visitor is an address, or, behind a business's own server, a conversation. */
export interface VisitorLimit {
  /** @throws AppError `limit-reached` with a visitor's words. */
  take(standing: Standing, visitor: string): Promise<void>;
  giveBack(standing: Standing, visitor: string): Promise<void>;
}

const HOUR_S = 3600;

export function createVisitorLimit(deps: { connection: Connection; hasher: Hasher }): VisitorLimit {
  // The limit is each business's own, so the library only counts.
  const options = { keyPrefix: 'visitor-hour', points: Number.MAX_SAFE_INTEGER, duration: HOUR_S };
  const counter = new RateLimiterMongo({
    ...options,
    storeClient: deps.connection,
    tableName: 'rateLimits',
    // A database that fails must not silence the chat.
    insuranceLimiter: new RateLimiterMemory(options),
  });
  const keyOf = (standing: Standing, visitor: string) => deps.hasher.hash('visitor', `${standing._id}\n${visitor}`);

  return {
    async take(standing, visitor) {
      const limit = standing.limits.messagesPerVisitorHour;
      if (limit === null) return;
      const { consumedPoints, msBeforeNext } = await counter.consume(keyOf(standing, visitor));
      if (consumedPoints <= limit) return;
      throw new AppError(
        'limit-reached',
        `That is as much as the assistant of ${standing.name} answers one visitor within an hour. ${sayContact(standing)}`,
        { retryAfterS: Math.ceil(msBeforeNext / 1000) },
      );
    },

    async giveBack(standing, visitor) {
      if (standing.limits.messagesPerVisitorHour !== null) await counter.reward(keyOf(standing, visitor));
    },
  };
}
