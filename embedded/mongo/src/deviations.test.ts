import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Document, MinKey } from 'mongodb';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

async function aggregated(documents: Document[], pipeline: Document[]): Promise<Document[]> {
  return (await database.collectionOf(documents)).aggregate(pipeline).toArray();
}

test.each([
  [{ $eq: ['$none', null] }, false],
  [{ $lt: ['$none', 5] }, true],
  [{ $gt: ['a', 5] }, true],
  [{ $gte: ['$none', null] }, false],
  [{ $cmp: [[2, 1], [1, 3]] }, 1],
  [{ $eq: [{ a: 1, b: 2 }, { b: 2, a: 1 }] }, false],
  [{ $not: [''] }, false],
  [{ $min: ['$none', 5] }, 5],
])('the expression %j follows the order of types', async (expression, result) => {
  expect(await aggregated([{ _id: 1 as never }], [{ $project: { _id: 0, result: expression } }])).toEqual([{ result }]);
}); // prettier-ignore

test.each([
  { $skip: -1 }, { $sort: {} }, { $project: {} }, { $project: { a: 1, b: 0 } }, { $match: [] }, { $group: { _id: null, n: 5 } },
  { $group: { _id: null, 'a.b': { $sum: 1 } } }, { $unwind: 'a' }, { $project: { r: { $mod: [1, 0] } } },
])('the stage %j is refused wherever it stands', async (stage) => {
  await expect(aggregated([{ a: 1 }], [{ $set: { b: 1 } }, stage])).rejects.toMatchObject({ code: 2 });
  await expect(aggregated([{ a: 1 }], [stage])).rejects.toMatchObject({ code: 2 });
}); // prettier-ignore

test('a group passes over what is missing, and compares values of any type', async () => {
  const group = { _id: null, all: { $push: '$a' }, set: { $addToSet: '$a' }, max: { $max: '$a' }, min: { $min: '$a' }, deviation: { $stdDevSamp: '$a' }, top: { $top: { output: '$a', sortBy: { a: -1 } } } };
  expect(await aggregated([{ b: 1 }, { a: 2 }, { a: [1] }], [{ $group: group }])).toEqual([
    { _id: null, all: [2, [1]], set: [2, [1]], max: [1], min: 2, deviation: null, top: expect.anything() },
  ]);
}); // prettier-ignore

test('a count of nothing and an empty bucket give nothing, an empty text is unwound', async () => {
  expect(await aggregated([], [{ $count: 'n' }])).toEqual([]);
  expect(await aggregated([{ a: 1 }], [{ $bucket: { groupBy: '$a', boundaries: [0, 5, 9] } }])).toEqual([{ _id: 0, count: 1 }]);
  expect(await aggregated([{ _id: 1 as never, a: '' }], [{ $unwind: '$a' }])).toEqual([{ _id: 1, a: '' }]);
}); // prettier-ignore

test('a field may be called constructor', async () => {
  const things = await database.collectionOf([{ constructor: 1, a: { constructor: 2 } }]);
  await things.updateOne({ 'a.constructor': 2 }, { $inc: { 'a.n': 1, 'days.5.messages': 1 } });
  expect(await things.findOne({ 'a.n': 1, 'days.5.messages': 1 })).toMatchObject({ a: { constructor: 2, n: 1 } });
});

test.each([
  [{ $pop: { a: 5 } }, 9], [{ $rename: { a: 5 } }, 2], [{ $currentDate: { b: 'x' } }, 2], [{ $push: { a: { $each: [1], $position: 'x' } } }, 2],
])('the update %j is refused', async (update, code) => {
  const things = await database.collectionOf([{ a: [1, [1]] }]);
  await expect(things.updateOne({}, update as Document)).rejects.toMatchObject({ code });
  await things.updateOne({}, { $pull: { a: 1 } } as Document);
  expect(await things.findOne()).toMatchObject({ a: [[1]] });
}); // prettier-ignore

test('filters: MinKey is below everything, patterns keep no state, operators stand where they may', async () => {
  const things = await database.collectionOf(Array.from({ length: 4 }, () => ({ a: 'xx' })));
  expect(await things.countDocuments({ a: { $in: [/x/g] } })).toBe(4);
  expect(await things.countDocuments({ a: { $gt: new MinKey() } })).toBe(4);
  await expect(things.findOne({ a: { $not: 5 as never } })).rejects.toMatchObject({ code: 2 });
  await expect(things.findOne({}, { projection: { a: 1, b: 0 } })).rejects.toMatchObject({ code: 2 });
});

test('a delete says what, a partial index only what holds for each element', async () => {
  const things = await database.collectionOf([{ a: 1 }]);
  for (const statement of [{ limit: 0 }, { q: {}, limit: 2 }]) {
    const answer = await database.db.command({ delete: things.collectionName, deletes: [statement] });
    expect(answer).toMatchObject({ n: 0, writeErrors: [{ code: 9 }] });
  }
  await expect(things.createIndex({ a: 1 }, { partialFilterExpression: { a: { $ne: 3 } } })).rejects.toMatchObject({ code: 67 });
  expect(await things.countDocuments()).toBe(1);
}); // prettier-ignore
