import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BSON, type Document, ObjectId } from 'mongodb';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

async function aggregated(documents: Document[], pipeline: Document[]): Promise<Document[]> {
  return (await database.collectionOf(documents)).aggregate(pipeline).toArray();
}

// oxlint-disable-next-line unicorn/no-thenable -- so MongoDB calls it
const falseBranch = { case: false, then: 1 };
const id = new ObjectId('65a0000000000000000000aa');
const sample = {
  _id: id,
  a: [{ b: 1 }, { b: 2, 0: 'zero' }],
  n: [[{ b: 1 }]],
  o: { 5: 'five' },
  text: 'Grüße',
  list: [3, 1, 2],
};

test.each<[expression: Document | string, result: unknown]>([
  ['$a.b', [1, 2]],
  ['$a.0', ['zero']],
  ['$n.b', []],
  ['$o.5', 'five'],
  [{ $map: { input: '$a', in: '$$this.b' } }, [1, 2]],
  [{ $toUpper: '$none' }, ''],
  [{ $toLower: ['$text'] }, 'grüße'],
  [{ $arrayToObject: [[['k', [1, 2]]]] }, { k: [1, 2] }],
  [{ $arrayToObject: { $literal: [{ k: 'x', v: 1 }] } }, { x: 1 }],
  [{ $toObjectId: { $toString: '$_id' } }, id],
  [{ $toString: '$_id' }, id.toHexString()],
  [{ $toDate: '$_id' }, id.getTimestamp()],
  [{ $indexOfCP: ['$text', 'ß'] }, 3],
  [{ $indexOfCP: ['$text', 'G', 1] }, -1],
  [{ $bsonSize: '$o' }, BSON.calculateObjectSize({ 5: 'five' })],
  [{ $slice: ['$none', 2] }, null],
  [{ $sum: '$none' }, 0],
  [{ $sum: '$list' }, 6],
  [{ $sum: ['$o.none', 2, '$list'] }, 2],
  [{ $avg: '$none' }, null],
  [{ $max: '$none' }, null],
  [{ $max: ['$list'] }, 3],
  [{ $first: '$list' }, 3],
  [{ $size: [[1, '$none']] }, 2],
  [{ $substr: ['$text', 2, -1] }, 'üße'],
  [{ $substr: ['$text', 0, 50] }, 'Grüße'],
  [{ $mergeObjects: ['$o', null, { x: 1 }] }, { 5: 'five', x: 1 }],
  [{ $switch: { branches: [falseBranch], default: 2 } }, 2],
  [{ $reduce: { input: [[1, 2], [3]], initialValue: 0, in: { $add: ['$$value', { $sum: '$$this' }] } } }, 6],
])('the expression %j gives what MongoDB gives', async (expression, result) => {
  expect(await aggregated([sample], [{ $project: { _id: 0, result: expression } }])).toEqual([{ result }]);
  const things = await database.collectionOf([sample]);
  expect(await things.findOne({}, { projection: { _id: 0, result: expression } })).toEqual({ result });
  expect(await things.countDocuments({ $expr: { $eq: [expression, { $literal: result }] } })).toBe(1);
}); // prettier-ignore

test.each<[expression: Document, code: number]>([
  [{ $size: '$none' }, 17124], [{ $switch: { branches: [falseBranch] } }, 40066], [{ $mergeObjects: [1] }, 40400],
  [{ $range: [0, 1e9] }, 146], [{ $toObjectId: 'x' }, 241], [{ $bsonSize: 5 }, 31393],
])('the expression %j is refused where it meets a document', async (expression, code) => {
  await expect(aggregated([{ a: 1 }], [{ $set: { r: expression } }])).rejects.toMatchObject({ code });
}); // prettier-ignore

test.each<[expression: unknown, code: number]>([
  [{ $nothing: 1 }, 168], [{ $push: '$a' }, 168], [{ $fieldPath: ['$a', 'b'] }, 168], [{ $subtract: [1] }, 16020], [{ $range: [1] }, 28667],
  [{ $add: 1, $abs: 1 }, 15983], [{ $switch: {} }, 40068], [{ $cond: [true, { $nothing: 1 }, 0] }, 168], ['$a..b', 16410], [{ $toDecimal: 1 }, 238],
])('the expression %j is refused wherever it stands, also where nothing is', async (expression, code) => {
  const stages = [
    { $set: { r: expression } }, { $project: { r: expression } }, { $group: { _id: expression } }, { $group: { _id: 1, r: { $sum: expression } } },
    { $match: { $expr: expression } }, { $replaceRoot: { newRoot: expression } }, { $facet: { a: [{ $set: { r: expression } }] } },
    { $lookup: { from: 'x', let: { r: expression }, pipeline: [], as: 'r' } }, { $unionWith: { coll: 'x', pipeline: [{ $set: { r: expression } }] } },
    { $bucket: { groupBy: expression, boundaries: [0, 1] } }, { $sortByCount: expression }, { $redact: expression },
  ];
  for (const stage of stages) await expect(aggregated([], [stage])).rejects.toMatchObject({ code });
  const things = await database.collectionOf([]);
  await expect(things.findOne({ $expr: expression })).rejects.toMatchObject({ code });
  await expect(things.updateOne({}, [{ $set: { r: expression } }])).rejects.toMatchObject({ code });
}); // prettier-ignore

test.each([
  [{ $add: 1 }, 15952],
  [{ $nothing: 1 }, 15952],
  [{ $covariancePop: [1, 2] }, 15952],
  [{ $accumulator: {} }, 238],
])('a group refuses %j, which is no accumulator', async (accumulator, code) => {
  await expect(aggregated([], [{ $group: { _id: null, n: accumulator } }])).rejects.toMatchObject({ code });
  const bucket = { groupBy: '$a', boundaries: [0, 1], output: { n: accumulator } };
  await expect(aggregated([], [{ $bucket: bucket }])).rejects.toMatchObject({ code });
});

test('a pipeline that makes millions of documents out of one is refused', async () => {
  const unwinds = ['a', 'b', 'c'].map((field) => ({ $unwind: `$${field}` }));
  const range = { $range: [0, 1_000] };
  const pipeline = [{ $set: { a: range, b: range, c: range } }, ...unwinds, { $count: 'n' }];
  await expect(aggregated([{ x: 1 }], pipeline)).rejects.toMatchObject({ code: 146 });
}, 60_000);
