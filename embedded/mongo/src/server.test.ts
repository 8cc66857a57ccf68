import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  Decimal128,
  Double,
  Int32,
  Long,
  MongoBulkWriteError,
  MongoClient,
  ObjectId,
  type Collection,
  type Document,
} from 'mongodb';
import { type MongoServer, startMongoServer } from './server.ts';

let server: MongoServer;
let client: MongoClient;
let collectionCount = 0;

beforeAll(async () => {
  server = await startMongoServer({ memory: true, port: 0, ttlIntervalMs: 20 });
  client = await MongoClient.connect(server.uri, { promoteValues: true });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

interface Thing extends Document {
  _id?: number | string | ObjectId;
  list?: number[];
  grades?: object[];
  tags?: string[];
}

/** Fields of any kind: the driver's types would refuse what the server must. */
function aCollection(): Collection<Thing> {
  return client.db('test').collection<Thing>(`things${collectionCount++}`);
}

test('documents come back in the order of insertion, over as many batches as it takes', async () => {
  const things = aCollection();
  await things.insertMany(Array.from({ length: 1_000 }, (_, n) => ({ _id: n })));
  const found = await things.find({}, { batchSize: 7 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

test('sort, skip, limit and projection answer as MongoDB does', async () => {
  const things = aCollection();
  await things.insertMany([
    { _id: 1, a: 3, b: { c: 1, d: 2 } },
    { _id: 2, a: 1 },
    { _id: 3, a: 2, b: [{ c: 5, d: 6 }] },
  ]);
  const found = await things.find({}, { sort: { a: -1 }, skip: 1, limit: 1, projection: { 'b.c': 1 } }).toArray();
  expect(found).toEqual([{ _id: 3, b: [{ c: 5 }] }]);
  expect(await things.findOne({ _id: 1 }, { projection: { _id: 0, b: 0 } })).toEqual({ a: 3 });
  expect(await things.findOne({ _id: 3 }, { projection: { b: { $elemMatch: { c: 5 } } } })).toEqual({
    _id: 3,
    b: [{ c: 5, d: 6 }],
  });
});

test('each BSON type survives insertion, and an update of another field', async () => {
  const things = aCollection();
  const kinds = {
    _id: new ObjectId(),
    long: Long.fromString('9007199254740993'),
    small: Long.fromNumber(5),
    double: new Double(5),
    int: new Int32(5),
    decimal: Decimal128.fromString('1.10'),
    date: new Date(0),
    regex: /a/i,
  };
  await things.insertOne(kinds);
  await things.updateOne({ _id: kinds._id }, { $inc: { counter: 1 } });
  await things.updateOne({ _id: kinds._id }, [{ $set: { computed: { $add: ['$counter', 1] } } }]);
  const found = await things.findOne({ _id: kinds._id }, { promoteValues: false });
  expect(found).toEqual({ ...kinds, counter: new Int32(1), computed: new Int32(2) });
  expect(found?.['small']).toBeInstanceOf(Long);
  expect(found?.['double']).toBeInstanceOf(Double);
});

test('int64s beyond the range of JavaScript are compared exactly', async () => {
  const things = aCollection();
  await things.insertMany([{ n: Long.fromString('9007199254740993') }, { n: Long.fromString('9007199254740992') }]);
  expect(await things.countDocuments({ n: { $gt: Long.fromString('9007199254740992') } })).toBe(1);
});

test('null matches null and missing fields', async () => {
  const things = aCollection();
  await things.insertMany([
    { _id: 1, a: null },
    { _id: 2 },
    { _id: 3, a: 0 },
    { _id: 4, a: [null] },
    { _id: 5, a: [] },
  ]);
  for (const filter of [{ a: null }, { a: { $eq: null } }, { a: { $in: [null] } }]) {
    expect((await things.find(filter).toArray()).map(({ _id }) => _id)).toEqual([1, 2, 4]);
  }
});

test('an ordered bulk ends at its first error, an unordered one does what it can', async () => {
  const things = aCollection();
  const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
  await expect(things.insertMany(documents)).rejects.toMatchObject({ code: 11000 });
  expect(await things.countDocuments()).toBe(1);
  const error = await things.insertMany(documents, { ordered: false }).catch((caught: MongoBulkWriteError) => caught);
  expect(error).toMatchObject({ insertedCount: 1 });
  expect((error as MongoBulkWriteError).writeErrors).toMatchObject([{ index: 0 }, { index: 1 }]);
  expect(await things.countDocuments()).toBe(2);
});

test('a unique index refuses a second value with E11000, its key and its pattern', async () => {
  const things = aCollection();
  await things.createIndex({ email: 1, shop: 1 }, { unique: true });
  await things.insertOne({ email: 'a@example.com', shop: 1 });
  const error = await things.insertOne({ email: 'a@example.com', shop: 1 }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: 11000,
    keyPattern: { email: 1, shop: 1 },
    keyValue: { email: 'a@example.com', shop: 1 },
    message: expect.stringMatching(
      /^E11000 duplicate key error collection: test\.things\d+ index: email_1_shop_1 dup key: { email: "a@example.com", shop: 1 }/,
    ),
  });
  await things.insertOne({ email: 'b@example.com', shop: 1 });
  await expect(
    things.updateOne({ email: 'b@example.com' }, { $set: { email: 'a@example.com' } }),
  ).rejects.toMatchObject({ code: 11000 });
  expect(await things.countDocuments({ email: 'b@example.com' })).toBe(1);
});

test('a unique index is made only where the documents fit it, and else leaves nothing behind', async () => {
  const things = aCollection();
  await things.insertMany([{ a: 1 }, { a: 1 }]);
  await expect(things.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
  expect(await things.indexes()).toHaveLength(1);
  await things.createIndex({ a: 1 });
  expect(await things.countDocuments({ a: 1 })).toBe(2);
});

test('sparse and partial unique indexes look only at the documents they hold', async () => {
  const things = aCollection();
  await things.createIndex({ a: 1 }, { unique: true, sparse: true });
  await things.createIndex({ b: 1 }, { unique: true, partialFilterExpression: { open: true } });
  await things.insertMany([
    { _id: 1, b: 1 },
    { _id: 2, b: 1 },
    { _id: 3, b: 1, open: true },
  ]);
  await expect(things.insertOne({ b: 1, open: true })).rejects.toMatchObject({ code: 11000 });
  expect(await things.countDocuments({ b: 1 })).toBe(3);
  await things.updateOne({ _id: 3 }, { $set: { open: false } });
  await things.insertOne({ b: 1, open: true });
});

test('update operators change what they name and count what they changed', async () => {
  const things = aCollection();
  await things.insertOne({ _id: 1, n: 1, list: [1, 2, 3], old: 'x', grades: [{ g: 80 }, { g: 95 }] });
  const change: Document = {
    $inc: { n: 2, 'deep.count': 1 },
    $mul: { zero: 5 },
    $push: { list: { $each: [0, 9], $sort: -1, $slice: 4 } },
    $rename: { old: 'fresh' },
    $max: { top: 3 },
    $set: { 'grades.$[high].passed': true },
    $unset: { nothing: '' },
  };
  await things.updateOne({ _id: 1 }, change, { arrayFilters: [{ 'high.g': { $gte: 90 } }] });
  expect(await things.findOne({ _id: 1 })).toEqual({
    _id: 1, n: 3, deep: { count: 1 }, zero: 0, list: [9, 3, 2, 1], fresh: 'x', top: 3, grades: [{ g: 80 }, { g: 95, passed: true }],
  }); // prettier-ignore
  await things.updateOne({ _id: 1, 'grades.g': 80 }, { $set: { 'grades.$.g': 81 } });
  const pull: Document = {
    $pull: { list: { $gte: 3 }, grades: { g: 95 } },
    $addToSet: { tags: { $each: ['a', 'a'] } },
  };
  await things.updateOne({ _id: 1 }, pull);
  expect(await things.findOne({ _id: 1 }, { projection: { list: 1, grades: 1, tags: 1 } })).toEqual({
    _id: 1,
    list: [2, 1],
    grades: [{ g: 81 }],
    tags: ['a'],
  });
  expect(await things.updateMany({}, { $set: { n: 3 } })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
});

test('an update that does not fit its document is refused and changes nothing', async () => {
  const things = aCollection();
  await things.insertOne({ _id: 1, text: 'x' });
  const refusals: [object, number][] = [
    [{ $inc: { text: 1 } }, 14],
    [{ $push: { text: 1 } }, 2],
    [{ $set: { 'text.deeper': 1 } }, 28],
    [{ $set: { a: 1, 'a.b': 1 } }, 40],
    [{ $set: { _id: 2 } }, 66],
    [{ $frobnicate: { a: 1 } }, 9],
  ];
  for (const [change, code] of refusals)
    await expect(things.updateOne({ _id: 1 }, change)).rejects.toMatchObject({ code });
  expect(await things.findOne({})).toEqual({ _id: 1, text: 'x' });
});

test('an upsert builds its document from the equalities of the filter', async () => {
  const things = aCollection();
  const result = await things.updateOne(
    { sku: 'LOAF', $and: [{ 'at.shop': { $eq: 3 } }], n: { $gt: 5 } },
    { $set: { price: 2 }, $setOnInsert: { made: true } },
    { upsert: true },
  );
  expect(result).toMatchObject({ upsertedCount: 1, matchedCount: 0 });
  expect(await things.findOne({})).toEqual({
    _id: result.upsertedId,
    sku: 'LOAF',
    at: { shop: 3 },
    price: 2,
    made: true,
  });
});

test('upserts of many clients on a unique key end in one document', async () => {
  const things = aCollection();
  await things.createIndex({ key: 1 }, { unique: true });
  const clients = await Promise.all(Array.from({ length: 4 }, () => MongoClient.connect(server.uri)));
  await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      clients[n % 4]!.db('test')
        .collection(things.collectionName)
        .findOneAndUpdate({ key: 'k' }, { $inc: { n: 1 } }, { upsert: true }),
    ),
  );
  await Promise.all(clients.map((other) => other.close()));
  expect(await things.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ key: 'k', n: 100 }]);
});

test('findAndModify answers the document before or after, the first in the order asked for', async () => {
  const things = aCollection();
  await things.insertMany([
    { _id: 1, n: 1 },
    { _id: 2, n: 2 },
  ]);
  expect(await things.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: -1 } })).toEqual({ _id: 2, n: 2 });
  expect(
    await things.findOneAndUpdate(
      { _id: 2 },
      { $inc: { n: 1 } },
      { returnDocument: 'after', projection: { n: 1, _id: 0 } },
    ),
  ).toEqual({ n: 13 });
  expect(await things.findOneAndReplace({ _id: 1 }, { m: 1 }, { returnDocument: 'after' })).toEqual({ _id: 1, m: 1 });
  expect(await things.findOneAndDelete({ _id: 1 })).toEqual({ _id: 1, m: 1 });
  expect(await things.findOneAndDelete({ _id: 1 })).toBeNull();
  expect(
    await things.findOneAndUpdate({ _id: 9 }, { $set: { n: 1 } }, { upsert: true, returnDocument: 'after' }),
  ).toEqual({ _id: 9, n: 1 });
});

test('aggregation groups, joins and sorts', async () => {
  const [things, others] = [aCollection(), aCollection()];
  await things.insertMany([
    { shop: 'a', n: 1 },
    { shop: 'b', n: 2 },
    { shop: 'a', n: 3 },
  ]);
  await others.insertOne({ _id: 'a', city: 'Bern' });
  const pipeline = [
    { $match: { n: { $gt: 0 } } },
    { $group: { _id: '$shop', sum: { $sum: '$n' } } },
    { $lookup: { from: others.collectionName, localField: '_id', foreignField: '_id', as: 'shops' } },
    { $sort: { sum: -1 } },
  ];
  expect(await things.aggregate(pipeline).toArray()).toEqual([
    { _id: 'a', sum: 4, shops: [{ _id: 'a', city: 'Bern' }] },
    { _id: 'b', sum: 2, shops: [] },
  ]);
  expect(await things.distinct('shop')).toEqual(['a', 'b']);
});

test('what the server does not do it refuses by name', async () => {
  const things = aCollection();
  await things.insertOne({ a: 'x' });
  await expect(things.find({ $where: 'true' }).toArray()).rejects.toThrow(/\$where/);
  await expect(things.find({ $text: { $search: 'x' } }).toArray()).rejects.toThrow(/\$text/);
  await expect(things.find({}, { collation: { locale: 'de' } }).toArray()).rejects.toThrow(/collation/);
  await expect(things.find({}).hint({ a: 1 }).toArray()).rejects.toThrow(/hint/);
  await expect(things.aggregate([{ $out: 'other' }]).toArray()).rejects.toThrow(/\$out/);
  await expect(things.aggregate([{ $project: { a: { $function: {} } } }]).toArray()).rejects.toThrow(/\$function/);
  await expect(things.createIndex({ a: 'text' })).rejects.toThrow(/text/);
  await expect(client.db('test').createCollection('capped', { capped: true, size: 1 })).rejects.toThrow(/capped/);
  await expect(client.db('test').command({ frobnicate: 1 })).rejects.toMatchObject({
    code: 59,
    codeName: 'CommandNotFound',
  });
  await expect(client.db('test').command({ find: 'x', frobnicate: 1 })).rejects.toMatchObject({ code: 40415 });
  await expect(
    client.withSession((session) => session.withTransaction(() => things.insertOne({}, { session }))),
  ).rejects.toThrow(/session|transaction/i);
});

test('collections, indexes and databases are listed and dropped', async () => {
  const db = client.db('another');
  await db.createCollection('one');
  await db.collection('two').createIndexes([{ key: { a: 1 } }, { key: { b: -1 }, expireAfterSeconds: 60 }]);
  await expect(db.createCollection('one')).rejects.toMatchObject({ code: 48 });
  expect((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)).toEqual(['one', 'two']);
  expect((await db.collection('two').indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1', 'b_-1']);
  await db.collection('two').dropIndex('a_1');
  expect(await db.collection('two').indexExists('a_1')).toBe(false);
  await db.dropDatabase();
  expect(await db.listCollections().toArray()).toEqual([]);
});

test('a document is gone once its TTL index says so, and no other one', async () => {
  const things = aCollection();
  await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
  await things.insertMany([
    { _id: 1, at: new Date(Date.now() - 61_000) },
    { _id: 2, at: new Date() },
    { _id: 3, at: 'never' },
    { _id: 4 },
  ]);
  const left = async () => (await things.find().toArray()).map(({ _id }) => _id);
  const deadline = Date.now() + 5_000;
  while ((await left()).length === 4 && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(await left()).toEqual([2, 3, 4]);
});

test('a cursor that was killed or never existed is an error', async () => {
  const things = aCollection();
  await things.insertMany([{}, {}, {}]);
  const { cursor } = await client.db('test').command({ find: things.collectionName, batchSize: 1 });
  await client.db('test').command({ killCursors: things.collectionName, cursors: [cursor.id] });
  await expect(
    client.db('test').command({ getMore: Long.fromValue(cursor.id), collection: things.collectionName }),
  ).rejects.toMatchObject({ code: 43 });
});

test.each([
  ['a length below the header', Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])],
  ['a length above 48 MB', Buffer.from([0xff, 0xff, 0xff, 0x7f])],
  ['an unknown opcode', aFrame(2012, Buffer.alloc(8))],
  ['an unknown section', aFrame(2013, Buffer.from([0, 0, 0, 0, 7, 5, 0, 0, 0, 0]))],
  ['a section beyond its end', aFrame(2013, Buffer.from([0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0]))],
  ['a message without a body', aFrame(2013, Buffer.from([0, 0, 0, 0]))],
])('%s closes that connection and no other', async (_name, bytes) => {
  const socket = connect(Number(new URL(server.uri).port), '127.0.0.1');
  socket.write(bytes);
  await once(socket, 'close');
  expect(await client.db('test').command({ ping: 1 })).toEqual({ ok: 1 });
});

function aFrame(opCode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + body.length, 0);
  header.writeInt32LE(opCode, 12);
  return Buffer.concat([header, body]);
}

test('a data folder keeps its documents, its files are for the owner only, and a second server is kept out', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-test-'));
  const write = async () => {
    const first = await startMongoServer({ dir });
    const firstClient = await MongoClient.connect(first.uri);
    await expect(startMongoServer({ dir })).rejects.toThrow(/another server/);
    await firstClient.db('kept').collection('things').insertOne({ a: 1 });
    await firstClient.db('kept').collection('things').createIndex({ a: 1 }, { unique: true });
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    await firstClient.close();
    await first.close();
  };
  await write();
  const second = await startMongoServer({ dir });
  const secondClient = await MongoClient.connect(second.uri);
  await expect(secondClient.db('kept').collection('things').insertOne({ a: 1 })).rejects.toMatchObject({ code: 11000 });
  await secondClient.close();
  await second.close();
  await rm(dir, { recursive: true });
});

test('a data folder of a newer format is refused, naming both formats', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-test-'));
  const newer = new DatabaseSync(join(dir, 'mongo.sqlite'));
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  await expect(startMongoServer({ dir })).rejects.toThrow(/has format 99; this program reads formats up to 1/);
  await rm(dir, { recursive: true });
});
