import type { Document, Filter, FindOneAndUpdateOptions } from 'mongodb';
import type { Connection } from 'mongoose';
import { RateLimiterMemory, RateLimiterMongo } from 'rate-limiter-flexible';
import { createRateLimitModel, RATE_LIMITS } from './rate-limit.model.ts';

/** How long one waits for the database before it is counted in memory. */
const PATIENCE_MS = 1000;
/** How long it isn't asked after that. */
const REST_MS = 2000;

/** So many points within so many seconds. */
interface Limit {
  readonly points: number;
  readonly duration: number;
}

/**
 * Counters by name. They are kept in the database, so that they hold across processes; while it is away or slow, each process counts in
 * memory.
 */
export function createLimiters<Name extends string>(
  connection: Connection,
  limits: Readonly<Record<Name, Limit>>,
): Record<Name, RateLimiterMongo> {
  createRateLimitModel(connection);
  const counts = createCountStore(connection);
  const storeClient = { collection: () => counts };
  const limiters = Object.entries<Limit>(limits).map(([keyPrefix, limit]) => {
    const numbers = { keyPrefix, ...limit };
    const inMemory = new RateLimiterMemory(numbers);
    const kept = { storeClient, tableName: RATE_LIMITS, disableIndexesCreation: true, insuranceLimiter: inMemory };
    return [keyPrefix, new RateLimiterMongo({ ...numbers, ...kept })];
  });
  return Object.fromEntries(limiters) as Record<Name, RateLimiterMongo>;
}

/** What the library uses of a collection. */
interface CountStore {
  findOneAndUpdate(filter: Document, update: Document, options: FindOneAndUpdateOptions): Promise<Document | null>;
  findOne(filter: Filter<Document>): Promise<Document | null>;
  deleteOne(filter: Filter<Document>): Promise<unknown>;
}

/**
 * The counts in the database, for as long as it answers in time. After one that was late nobody waits for a while, so that requests
 * don't queue up behind a database that is overloaded.
 */
function createCountStore(connection: Connection): CountStore {
  const counts = connection.collection<Document>(RATE_LIMITS);
  let restUntilMs = 0;

  async function inTime<Result>(ask: () => Promise<Result>): Promise<Result> {
    if (performance.now() < restUntilMs) throw new Error('the database was late a moment ago');
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      restUntilMs = performance.now() + REST_MS;
      late.reject(new Error('the database is late'));
    }, PATIENCE_MS);
    const asked = ask();
    asked.catch(() => undefined); // it may fail when nobody waits for it any more
    return Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
  }

  return {
    findOneAndUpdate: (filter, update, options) => inTime(() => counts.findOneAndUpdate(filter, update, options)),
    findOne: (filter) => inTime(() => counts.findOne(filter)),
    deleteOne: (filter) => inTime(() => counts.deleteOne(filter)),
  };
}
