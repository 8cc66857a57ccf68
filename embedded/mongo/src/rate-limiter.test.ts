import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { RateLimiterMemory, RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { openTestDatabase, type TestDatabase, until } from './testing-mongoose.ts';

let database: TestDatabase;
let client: MongoClient;

beforeAll(async () => {
  database = await openTestDatabase();
  client = await MongoClient.connect(database.uri);
});

afterAll(async () => {
  await client.close();
  await database.close();
});

type Options = Partial<ConstructorParameters<typeof RateLimiterMongo>[0]>;

/** On a collection of its own, with its indexes made. */
async function aLimiter(options: Options = {}, storeClient: unknown = database.connection) {
  const limiter = new RateLimiterMongo({
    storeClient,
    tableName: database.freshName(),
    points: 10,
    duration: 60,
    disableIndexesCreation: true,
    ...options,
  });
  await limiter.createIndexes();
  return limiter;
}

/** How many of so many at once pass. */
async function countPassing(limiter: RateLimiterMongo, attempts: number, key = 'visitor'): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: attempts }, () => limiter.consume(key)));
  const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
  for (const { reason } of refusals) expect(reason).toBeInstanceOf(RateLimiterRes);
  return attempts - refusals.length;
}

test.each([
  ['a connection of mongoose', () => database.connection],
  ['a client of the driver', () => client],
])('consume, on %s: of fifty at once exactly ten pass', async (_name, storeClient) => {
  const limiter = await aLimiter({ dbName: 'suite' }, storeClient());
  expect(await countPassing(limiter, 50)).toBe(10);
  expect(await limiter.get('visitor')).toMatchObject({ consumedPoints: 50, remainingPoints: 0 });
});

test('consume: two limiters on two connections share one count', async () => {
  const tableName = database.freshName();
  const limiters = await Promise.all([aLimiter({ tableName }), aLimiter({ tableName, dbName: 'suite' }, client)]);
  const passed = await Promise.all(limiters.map((limiter) => countPassing(limiter, 25)));
  expect(passed[0]! + passed[1]!).toBe(10);
});

test('consume before the indexes are made: exactly ten of fifty pass', async () => {
  const limiter = new RateLimiterMongo({
    storeClient: database.connection,
    tableName: database.freshName(),
    points: 10,
    duration: 60,
  });
  expect(await countPassing(limiter, 50)).toBe(10);
});

test('consume: takes as many points as it is told, says what is left, and keeps keys apart', async () => {
  const limiter = await aLimiter();
  expect(await limiter.consume('a', 4)).toMatchObject({
    consumedPoints: 4,
    remainingPoints: 6,
    isFirstInDuration: true,
  });
  const second = await limiter.consume('a', 5);
  expect(second).toMatchObject({ consumedPoints: 9, remainingPoints: 1, isFirstInDuration: false });
  expect(second.msBeforeNext).toBeGreaterThan(50_000);
  await expect(limiter.consume('a', 2)).rejects.toMatchObject({ consumedPoints: 11, remainingPoints: 0 });
  expect(await limiter.consume('b')).toMatchObject({ remainingPoints: 9 });
});

test('penalty and reward: add and give back, also where nothing was consumed', async () => {
  const limiter = await aLimiter();
  expect(await limiter.penalty('a', 3)).toMatchObject({ consumedPoints: 3 });
  expect(await limiter.reward('a', 2)).toMatchObject({ consumedPoints: 1 });
  expect(await limiter.reward('b', 2)).toMatchObject({ consumedPoints: -2 });
  expect(await limiter.get('a')).toMatchObject({ consumedPoints: 1, remainingPoints: 9 });
});

test('block: a key waits for the time given, whatever it consumed, and for ever with 0', async () => {
  const limiter = await aLimiter();
  await limiter.consume('a');
  expect(await limiter.block('a', 30)).toMatchObject({ msBeforeNext: 30_000 });
  await limiter.block('b', 0);
  for (const key of ['a', 'b']) await expect(limiter.consume(key)).rejects.toMatchObject({ remainingPoints: 0 });
  expect(await limiter.get('b')).toMatchObject({ msBeforeNext: -1 });
});

test('blockDuration: whoever consumes too much is blocked for longer', async () => {
  const limiter = await aLimiter({ points: 1, duration: 1, blockDuration: 600 });
  await limiter.consume('a');
  await expect(limiter.consume('a')).rejects.toMatchObject({ msBeforeNext: 600_000 });
  expect((await limiter.get('a'))?.msBeforeNext).toBeGreaterThan(500_000);
});

test('set, get, delete: a count is put, read and forgotten', async () => {
  const limiter = await aLimiter();
  expect(await limiter.get('a')).toBeNull();
  await limiter.set('a', 7, 60);
  expect(await limiter.get('a')).toMatchObject({ consumedPoints: 7, remainingPoints: 3 });
  await limiter.set('a', 2, 0);
  expect(await limiter.get('a')).toMatchObject({ consumedPoints: 2, msBeforeNext: -1 });
  expect(await limiter.delete('a')).toBe(true);
  expect(await limiter.delete('a')).toBe(false);
  expect(await limiter.get('a')).toBeNull();
});

test('expiry: after its duration a key counts from the beginning, though its document is still there', async () => {
  const tableName = database.freshName();
  const limiter = await aLimiter({ tableName, points: 2, duration: 0.1 });
  expect(await countPassing(limiter, 5, 'a')).toBe(2);
  await until(async () => (await limiter.get('a')) === null);
  expect(await countPassing(limiter, 5, 'a')).toBe(2);
  expect(await database.db.collection(tableName).countDocuments()).toBe(1);
});

test('expiry: the TTL index removes what has run out, and nothing else', async () => {
  const swift = await openTestDatabase({ memory: true, ttlIntervalMs: 20 });
  const tableName = swift.freshName();
  const limiter = await aLimiter({ tableName }, swift.connection);
  await limiter.set('short', 1, 0.1);
  await limiter.set('long', 1, 600);
  await limiter.set('for ever', 1, 0);
  const documents = swift.db.collection(tableName);
  await until(async () => (await documents.countDocuments()) === 2);
  expect(await documents.distinct('key')).toEqual([`${limiter.keyPrefix}:for ever`, `${limiter.keyPrefix}:long`]);
  await swift.close();
});

test('indexes: one by key that is unique, one that expires', async () => {
  const tableName = database.freshName();
  await aLimiter({ tableName, indexKeyPrefix: { shop: 1 } });
  const indexes = await database.db.collection(tableName).indexes();
  expect(indexes.slice(1)).toMatchObject([
    { key: { expire: -1 }, expireAfterSeconds: 0 },
    { key: { shop: 1, key: 1 }, unique: true },
  ]);
});

test('indexKeyPrefix: the same key of two shops is counted apart', async () => {
  const limiter = await aLimiter({ indexKeyPrefix: { shop: 1 } });
  await limiter.consume('a', 3, { attrs: { shop: 1 } });
  await limiter.consume('a', 1, { attrs: { shop: 2 } });
  expect(await limiter.get('a', { attrs: { shop: 1 } })).toMatchObject({ consumedPoints: 3 });
  expect(await limiter.delete('a', { attrs: { shop: 1 } })).toBe(true);
  expect(await limiter.get('a', { attrs: { shop: 2 } })).toMatchObject({ consumedPoints: 1 });
});

test('insurance: while the database is away the limiter in memory counts', async () => {
  const away = await openTestDatabase();
  const insuranceLimiter = new RateLimiterMemory({ points: 2, duration: 60 });
  const limiter = await aLimiter({ insuranceLimiter }, away.connection);
  expect(await limiter.consume('a')).toMatchObject({ remainingPoints: 9 });
  await away.close();
  expect(await limiter.consume('a')).toMatchObject({ remainingPoints: 1 });
  expect(await limiter.penalty('a')).toMatchObject({ consumedPoints: 2 });
  await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 });
});

test('a limiter that makes its own indexes makes them without an error', async () => {
  const complained = jest.spyOn(console, 'error').mockImplementation(() => {});
  const tableName = database.freshName();
  const connection = await mongoose.createConnection(database.uri).asPromise();
  await new RateLimiterMongo({ storeClient: connection, tableName, points: 1, duration: 1 }).consume('a');
  await until(async () => (await database.db.collection(tableName).indexes()).length === 3);
  await connection.close();
  expect(complained).not.toHaveBeenCalled();
  complained.mockRestore();
});
