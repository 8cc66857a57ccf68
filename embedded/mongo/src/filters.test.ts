import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Document } from 'mongodb';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

test.each<[filter: Document, count: number]>([
  [{ 'a.b': { $size: 2 } }, 1], [{ 'a.b': { $size: 1 } }, 0], [{ c: { $size: 1 } }, 1],
  [{ $and: [{ name: 'Ada', $comment: 'nested' }] }, 1], [{ $alwaysTrue: 1 }, 2], [{ $alwaysFalse: 1 }, 0], [{ $nor: [{ $alwaysFalse: 1 }] }, 2],
  [{ name: { $regex: '(?i)ADA' } }, 1], [{ name: { $regex: 'ADA', $options: 'i' } }, 1], [{ name: { $not: { $regex: '(?i)ADA' } } }, 1],
  [{ c: { $elemMatch: { $elemMatch: { $gt: 0 } } } }, 1], [{ list: { $elemMatch: { name: { $regex: '(?i)^X' } } } }, 1],
])('the filter %j finds %i', async (filter, count) => {
  const things = await database.collectionOf([
    { name: 'Ada', a: [{ b: [[1], [2]] }], c: [[1, 2]] },
    { name: 'Bob', list: [{ name: 'x' }] },
  ]);
  expect(await things.find(filter).toArray()).toHaveLength(count);
  expect(await things.aggregate([{ $set: { z: 1 } }, { $match: filter }]).toArray()).toHaveLength(count);
}); // prettier-ignore

test.each<[filter: Document, code: number]>([
  [{ name: { $ne: /x/ } }, 2], [{ name: { $regex: 'a b', $options: 'x' } }, 238], [{ name: { $regex: '(' } }, 51091], [{ name: { $regex: 'a', $options: 'k' } }, 51108],
  [{ name: { $options: 'i' } }, 2], [{ name: { $regex: 5 } }, 2],
])('the filter %j is refused, in a bulk as the error of its statement alone', async (filter, code) => {
  const things = await database.collectionOf([{ name: 'Ada' }]);
  await expect(things.findOne(filter)).rejects.toMatchObject({ code });
  const change = { $set: { seen: true } };
  const bulk = things.bulkWrite([{ updateOne: { filter, update: change } }, { updateOne: { filter: {}, update: change } }], { ordered: false });
  await expect(bulk).rejects.toMatchObject({ writeErrors: [{ code }] });
  expect(await things.countDocuments({ seen: true })).toBe(1);
}); // prettier-ignore

test('distinct keeps arrays within arrays', async () => {
  const things = await database.collectionOf([{ a: [[1, 2], 3] }, { a: 3 }]);
  expect(await things.distinct('a')).toEqual([3, [1, 2]]);
});

test('a limit of another type is refused, flags of findAndModify may be numbers', async () => {
  const { collectionName } = await database.collectionOf([{ a: 1 }]);
  for (const command of [{ find: collectionName, limit: '1' }, { count: collectionName, limit: '1' }])
    await expect(database.db.command(command)).rejects.toMatchObject({ code: 14 });
  const change = { findAndModify: collectionName, query: { a: 2 }, update: { $set: { b: 1 } } };
  expect(await database.db.command({ ...change, upsert: 1, new: 1 })).toMatchObject({ value: { a: 2, b: 1 } });
  await expect(database.db.command({ ...change, upsert: 'yes' })).rejects.toMatchObject({ code: 14 });
  for (const pipeline of [[{ $limit: 0 }], [{ $set: { b: 1 } }, { $limit: 0 }]])
    await expect(database.db.collection(collectionName).aggregate(pipeline).toArray()).rejects.toMatchObject({ code: 15958 });
}); // prettier-ignore

test('indexes that conflict, and those that are none, are refused by code', async () => {
  const things = await database.collectionOf([{ a: 1 }]);
  await things.createIndex({ a: 1 }, { name: 'one' });
  await expect(things.createIndex({ a: 1 }, { name: 'other' })).rejects.toMatchObject({ code: 85 });
  await expect(things.createIndex({ b: 1 }, { name: 'one' })).rejects.toMatchObject({ code: 86 });
  await expect(things.createIndex({ a: 1 }, { name: 'one', unique: true })).rejects.toMatchObject({ code: 86 });
  await expect(things.dropIndex('none')).rejects.toMatchObject({ code: 27 });
});
