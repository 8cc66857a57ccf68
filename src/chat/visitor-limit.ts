import type { Connection } from 'mongoose';
import { sayContact, type Standing } from '../accounts/standing.ts';
import { AppError } from '../platform/errors.ts';
import { createLimiters } from '../platform/limiters.ts';
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
  const anHour = { points: Number.MAX_SAFE_INTEGER, duration: HOUR_S };
  const { 'visitor-hour': counter } = createLimiters(deps.connection, { 'visitor-hour': anHour });
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
