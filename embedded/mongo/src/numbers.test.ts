import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Collection, Decimal128, type Document, Double, Int32, Long, MongoClient } from 'mongodb';
import { type MongoServer, startMongoServer } from './server.ts';

let server: MongoServer;
let client: MongoClient;
let things: Collection<Document & { _id: number }>;

beforeAll(async () => {
  server = await startMongoServer({ memory: true });
  client = await MongoClient.connect(server.uri);
  things = client.db('test').collection('things');
  await things.insertMany([
    { _id: 1, whole: new Double(5), big: Long.fromString('9007199254740993'), exact: Decimal128.fromString('0.1') },
    { _id: 2, whole: new Int32(5), big: Long.fromNumber(3), exact: Decimal128.fromString('0.10') },
    { _id: 3, whole: Long.fromNumber(5), big: new Int32(4), exact: Decimal128.fromString('17.5') },
  ]);
});

afterAll(async () => {
  await client.close();
  await server.close();
});

const idsOf = async (filter: Document) => (await things.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);

test('$type tells the types of numbers apart, however whole they are', async () => {
  expect(await idsOf({ whole: { $type: 'double' } })).toEqual([1]);
  expect(await idsOf({ whole: { $type: 16 } })).toEqual([2]);
  expect(await idsOf({ whole: { $type: ['long', 'string'] } })).toEqual([3]);
  expect(await idsOf({ whole: { $type: 'number' } })).toEqual([1, 2, 3]);
  expect(await idsOf({ $nor: [{ whole: { $type: 'int' } }] })).toEqual([1, 3]);
});

test('$mod takes int64s and decimals as they are', async () => {
  expect(await idsOf({ big: { $mod: [2, 1] } })).toEqual([1, 2]);
  expect(await idsOf({ exact: { $mod: [4, 1] } })).toEqual([3]);
  await expect(idsOf({ big: { $mod: [0, 1] } })).rejects.toMatchObject({ code: 2 });
});

const refusals: [string, () => Promise<unknown>][] = [
  ['a sum of decimals', () => things.aggregate([{ $group: { _id: null, sum: { $sum: '$exact' } } }]).toArray()],
  ['a group by decimals', () => things.aggregate([{ $sortByCount: '$exact' }]).toArray()],
  ['a large int64 in a sum', () => things.aggregate([{ $project: { more: { $add: ['$big', 1] } } }]).toArray()],
  ['a decimal literal', () => things.aggregate([{ $project: { more: Decimal128.fromString('1') } }]).toArray()],
  ['the whole document', () => things.aggregate([{ $replaceRoot: { newRoot: '$$ROOT' } }]).toArray()],
  [
    'a join',
    () =>
      things.aggregate([{ $lookup: { from: 'things', localField: '_id', foreignField: '_id', as: 'same' } }]).toArray(),
  ],
  ['$expr', () => idsOf({ $expr: { $gt: ['$big', 1] } })],
  ['a computed projection', () => things.findOne({}, { projection: { more: { $add: ['$big', 1] } } })],
  ['an update by a pipeline', () => things.updateOne({ _id: 1 }, [{ $set: { more: { $add: ['$big', 1] } } }])],
  ['bits of a large int64', () => idsOf({ big: { $bitsAllSet: 1 } })],
  ['$type of a number inside $elemMatch', () => idsOf({ list: { $elemMatch: { n: { $type: 'int' } } } })],
  [
    '$type as an expression on a whole number',
    () => things.aggregate([{ $project: { t: { $type: '$_id' } } }]).toArray(),
  ],
];

test.each(refusals)('%s is refused by name, not answered wrongly', async (_name, ask) => {
  await things.updateOne({ _id: 1 }, { $set: { list: [{ n: 1 }] } });

  await expect(ask()).rejects.toMatchObject({ code: 238, message: expect.stringMatching(/int64|Decimal128|\$type/) });
});

test('documents that hold such numbers pass through what does not compute with them', async () => {
  const passed = await things
    .aggregate([{ $match: { exact: { $gt: 1 } } }, { $set: { twice: { $multiply: ['$_id', 2] } } }, { $limit: 1 }])
    .toArray();

  expect(passed).toMatchObject([{ _id: 3, twice: 6, exact: Decimal128.fromString('17.5') }]);
});
