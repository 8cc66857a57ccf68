import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { decode, encode } from './document.ts';
import { createReader } from './reader.ts';
import { type MongoServer, startMongoServer } from './server.ts';
import { encodeMessage, parseMessage } from './wire.ts';

const COUNT = 3_000;

let dir: string;
let server: MongoServer;
let client: MongoClient;
let things: Collection<Document & { _id: number }>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-reader-'));
  server = await startMongoServer({ dir });
  client = await MongoClient.connect(server.uri);
  things = client.db('test').collection('things');
  await things.insertMany(
    Array.from({ length: COUNT }, (_, n) => ({ _id: n, group: n % 3, rare: n % 1_000, text: 'x'.repeat(200) })),
  );
});

afterAll(async () => {
  await client.close();
  await server.close();
  await rm(dir, { recursive: true });
});

const ids = (documents: Document[]) => documents.map(({ _id }) => _id as number);

test('what takes many rows is answered as what takes few: cursors, sorts, counts, distinct values, groups, joins', async () => {
  expect(ids(await things.find({ rare: 999 }).toArray())).toEqual([999, 1_999, 2_999]);
  expect(ids(await things.find({}, { batchSize: 700 }).toArray())).toEqual([...Array(COUNT).keys()]);
  expect(ids(await things.find().sort({ rare: -1, _id: 1 }).limit(2).toArray())).toEqual([999, 1_999]);
  expect(await things.findOne({ rare: 999, _id: { $gt: 1_000 } })).toMatchObject({ _id: 1_999 });
  expect(await things.countDocuments({ group: 2 })).toBe(1_000);
  expect(await things.distinct('group')).toEqual([0, 1, 2]);
  const sums = things.aggregate([{ $group: { _id: '$group', n: { $sum: 1 } } }, { $sort: { _id: 1 } }]);
  expect(await sums.toArray()).toEqual([0, 1, 2].map((group) => ({ _id: group, n: 1_000 })));
  const joined = things.aggregate([
    { $match: { _id: 5 } },
    { $lookup: { from: 'things', localField: '_id', foreignField: 'rare', as: 'same' } },
  ]);
  expect(ids((await joined.next())?.['same'] as Document[])).toEqual([5, 1_005, 2_005]);
});

test('an error of a long read is told as one of a short read', async () => {
  await expect(things.find({ rare: 999, $where: 'true' }).toArray()).rejects.toMatchObject({ code: 238 });
  await expect(things.aggregate([{ $group: { _id: { $divide: ['$rare', 'a'] } } }]).toArray()).rejects.toMatchObject({
    code: 2,
  });
});

test('what was acknowledged is seen by the next long read, and so are new indexes', async () => {
  const growing = client.db('test').collection('growing');
  for (let n = 0; n < 12; n++) {
    await growing.insertMany(Array.from({ length: 60 }, (_, at) => ({ n, at })));
    expect(await growing.countDocuments({ n })).toBe(60);
    expect(await growing.countDocuments({ at: { $gte: 0 } })).toBe((n + 1) * 60);
  }
  await growing.createIndex({ tags: 1 });
  await growing.updateMany({ at: { $lt: 59 } }, { $set: { tags: ['a', 'b'] } });
  expect(await growing.countDocuments({ tags: { $in: ['a', 'b'] } })).toBe(12 * 59);
});

test('a cursor goes on while others write, and ends with an error when its collection is dropped', async () => {
  const shelf = client.db('test').collection('shelf');
  await shelf.insertMany(Array.from({ length: 400 }, (_, n) => ({ n })));
  const cursor = shelf.find({}, { batchSize: 10 });
  const other = shelf.find({}, { batchSize: 10 });
  await other.next();
  for (let n = 0; n < 400; n++) {
    expect(await cursor.next()).toMatchObject({ n });
    if (n === 200) await shelf.deleteOne({ n: 399 });
    if (n === 398) break;
  }
  expect(await cursor.next()).toBeNull();
  await shelf.drop();
  await expect(other.toArray()).rejects.toMatchObject({ codeName: 'QueryPlanKilled' });
});

test('a lookup is answered while a long read runs', async () => {
  let isOver = false;
  const slow = things
    .aggregate([
      { $lookup: { from: 'things', localField: 'group', foreignField: 'rare', as: 'same' } },
      { $count: 'n' },
    ])
    .toArray()
    .finally(() => (isOver = true));
  for (let n = 0; n < 5; n++) await things.findOne({ _id: n });
  expect(isOver).toBe(false);
  expect(await slow).toEqual([{ n: COUNT }]);
});

test('a thread that is lost is an error to those who wait, and is started again', async () => {
  const reader = createReader(join(dir, 'nowhere', 'mongo.sqlite'));
  for (let n = 0; n < 2; n++) {
    await expect(reader.answer(Buffer.alloc(16))).rejects.toThrow(/too much for the embedded database/);
  }
  await reader.close();
});

test('a search that does not end is ended, and the next one starts anew', async () => {
  await client.db('test').collection('patterns').insertOne({ a: `${'a'.repeat(40)}b` });
  const reader = createReader(join(dir, 'mongo.sqlite'), 1_500);
  const search = (a: RegExp) => reader.answer(encodeMessage(encode({ find: 'patterns', filter: { a }, $db: 'test' }), 0));
  await expect(search(/^(a+)+$/i)).rejects.toMatchObject({ code: 50 });
  expect(decode(parseMessage(Buffer.from(await search(/^(a+)b$/i))).body)).toMatchObject({ cursor: { firstBatch: [{}] } });
  await reader.close();
}); // prettier-ignore
