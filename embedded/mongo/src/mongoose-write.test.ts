import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Document, UpdateOptions } from 'mongodb';
import mongoose, { type MongooseUpdateQueryOptions, Schema } from 'mongoose';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

const productSchema = new Schema(
  {
    sku: { type: String, unique: true, sparse: true },
    name: String,
    price: Number,
    tags: { type: [String], default: undefined },
    lines: { type: [{ _id: false, sku: String, qty: Number, marks: { type: [Number], default: undefined } }], default: undefined },
    place: { type: new Schema({ shelf: String, row: Number }, { _id: false }) },
    grid: { type: [[Number]], default: undefined },
    counts: { type: Map, of: Number },
    weight: Schema.Types.Decimal128,
    code: BigInt,
  },
  { versionKey: false, autoIndex: false },
); // prettier-ignore

async function aModel() {
  const Product = database.connection.model(database.freshName(), productSchema);
  await Product.createIndexes();
  return Product;
}

const rye = {
  name: 'rye',
  price: 4,
  tags: ['dark', 'loaf'],
  lines: [
    { sku: 'a', qty: 1, marks: [1, 5] },
    { sku: 'b', qty: 5, marks: [7] },
  ],
  place: { shelf: 'top', row: 1 },
  grid: [[1, 2], [3]],
};

/** The document that rye has become, without its id. */
async function changed(filter: object, update: object, options: Options = {}) {
  const Product = await aModel();
  await Product.insertMany([rye]);
  const { matchedCount, modifiedCount } = await Product.updateOne({ name: 'rye', ...filter }, update, options);
  return { matchedCount, modifiedCount, document: await Product.findOne().select('-_id').lean() };
}

type Options = MongooseUpdateQueryOptions & Pick<UpdateOptions, 'arrayFilters'>;

describe('create, insertMany', () => {
  test('create: one, several, and none', async () => {
    const Product = await aModel();
    expect((await Product.create({ name: 'rye' })).name).toBe('rye');
    expect(await Product.create([{ name: 'spelt' }, { name: 'bun' }])).toHaveLength(2);
    expect(await Product.create([])).toEqual([]);
    expect(await Product.distinct('name')).toEqual(['bun', 'rye', 'spelt']);
  });

  test('insertOne', async () => {
    const Product = await aModel();
    await Product.insertOne({ name: 'rye' });
    expect(await Product.countDocuments({ name: 'rye' })).toBe(1);
  });

  test('insertMany: ordered ends at the first error', async () => {
    const Product = await aModel();
    const error = await Product.insertMany([{ sku: 'a' }, { sku: 'a' }, { sku: 'b' }]).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 11000, result: { insertedCount: 1 } });
    expect(await Product.distinct('sku')).toEqual(['a']);
  });

  test('insertMany: unordered does what it can', async () => {
    const Product = await aModel();
    const documents = [{ sku: 'a' }, { sku: 'a' }, { sku: 'b' }, { sku: 'b' }, { sku: 'c' }];
    const error = await Product.insertMany(documents, { ordered: false }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ writeErrors: [{ index: 1 }, { index: 3 }], result: { insertedCount: 3 } });
    expect(await Product.distinct('sku')).toEqual(['a', 'b', 'c']);
  });

  test('insertMany: rawResult, lean, and more than one message holds', async () => {
    const Product = await aModel();
    expect(await Product.insertMany([{ name: 'rye' }], { rawResult: true })).toMatchObject({ insertedCount: 1 });
    await Product.insertMany(
      Array.from({ length: 3_000 }, (_, n) => ({ name: `n${n}` })),
      { lean: true },
    );
    expect(await Product.estimatedDocumentCount()).toBe(3_001);
  });
});

describe('updateOne', () => {
  const set = (fields: object) => ({ ...rye, ...fields });
  const [a, b] = rye.lines;
  const cases: [string, filter: object, update: object, document: object, Options?][] = [
    ['$set', {}, { $set: { price: 5, 'place.row': 2 } }, set({ price: 5, place: { shelf: 'top', row: 2 } })],
    ['$set of a Map', {}, { $set: { 'counts.mon': 3 } }, set({ counts: { mon: 3 } })],
    ['$set of a position', {}, { $set: { 'lines.1.qty': 6 } }, set({ lines: [a, { ...b, qty: 6 }] })],
    ['$unset', {}, { $unset: { tags: 1, 'place.row': 1 } }, { name: 'rye', price: 4, lines: rye.lines, place: { shelf: 'top' }, grid: rye.grid }],
    ['$inc', {}, { $inc: { price: -1.5, 'counts.mon': 2 } }, set({ price: 2.5, counts: { mon: 2 } })],
    ['$mul', {}, { $mul: { price: 3 } }, set({ price: 12 })],
    ['$min, $max', {}, { $min: { price: 3 }, $max: { 'place.row': 0 } }, set({ price: 3 })],
    ['$rename', {}, { $rename: { price: 'code' } }, { name: 'rye', code: 4, tags: rye.tags, lines: rye.lines, place: rye.place, grid: rye.grid }],
    ['$bit', {}, { $bit: { price: { or: 3 } } }, set({ price: 7 })],
    ['$setOnInsert', {}, { $setOnInsert: { price: 9 } }, rye],
    ['$push', {}, { $push: { tags: 'new' } }, set({ tags: ['dark', 'loaf', 'new'] })],
    ['$push at a position, cut', {}, { $push: { tags: { $each: ['x', 'y'], $position: 1, $slice: 3 } } }, set({ tags: ['dark', 'x', 'y'] })],
    ['$push, sorted', {}, { $push: { lines: { $each: [{ sku: 'c', qty: 3 }], $sort: { qty: -1 }, $slice: 2 } } }, set({ lines: [b, { sku: 'c', qty: 3 }] })],
    ['$addToSet', {}, { $addToSet: { tags: { $each: ['loaf', 'new'] } } }, set({ tags: ['dark', 'loaf', 'new'] })],
    ['$pop', {}, { $pop: { tags: -1 } }, set({ tags: ['loaf'] })],
    ['$pull of a value', {}, { $pull: { tags: 'dark' } }, set({ tags: ['loaf'] })],
    ['$pull by $in', {}, { $pull: { tags: { $in: ['dark', 'loaf'] } } }, set({ tags: [] })],
    ['$pull by a condition', {}, { $pull: { lines: { qty: { $gt: 2 } } } }, set({ lines: [a] })],
    ['$pullAll', {}, { $pullAll: { tags: ['dark', 'x'] } }, set({ tags: ['loaf'] })],
    ['the position that matched', { 'lines.sku': 'b' }, { $inc: { 'lines.$.qty': 1 } }, set({ lines: [a, { ...b, qty: 6 }] })],
    ['the position by $elemMatch', { lines: { $elemMatch: { qty: 5, sku: 'b' } } }, { $set: { 'lines.$.sku': 'z' } }, set({ lines: [a, { ...b, sku: 'z' }] })],
    ['all positions', {}, { $inc: { 'lines.$[].qty': 10 } }, set({ lines: [{ ...a, qty: 11 }, { ...b, qty: 15 }] })],
    ['arrayFilters', {}, { $set: { 'lines.$[line].qty': 0 } }, set({ lines: [{ ...a, qty: 0 }, b] }), { arrayFilters: [{ 'line.sku': 'a' }] }],
    ['arrayFilters, two levels', {}, { $inc: { 'lines.$[line].marks.$[mark]': 10 } }, set({ lines: [{ ...a, marks: [1, 15] }, b] }), { arrayFilters: [{ 'line.qty': { $lt: 3 } }, { mark: { $gte: 5 } }] }],
    ['arrayFilters, arrays in arrays', {}, { $mul: { 'grid.$[].$[cell]': 2 } }, set({ grid: [[1, 4], [6]] }), { arrayFilters: [{ cell: { $gt: 1 } }] }],
    ['a pipeline', {}, [{ $set: { price: { $add: ['$price', '$place.row'] }, 'place.shelf': { $toUpper: '$place.shelf' } } }, { $unset: 'tags' }], { name: 'rye', price: 5, lines: rye.lines, place: { shelf: 'TOP', row: 1 }, grid: rye.grid }, { updatePipeline: true }],
    ['a pipeline, through an array', {}, [{ $set: { 'lines.qty': 0 } }], set({ lines: [{ ...a, qty: 0 }, { ...b, qty: 0 }] }), { updatePipeline: true }],
    ['a pipeline that adds to a nested document', {}, [{ $set: { place: { row: 9 } } }], set({ place: { shelf: 'top', row: 9 } }), { updatePipeline: true }],
  ]; // prettier-ignore

  test.each(cases)('%s', async (_name, filter, update, document, options = {}) => {
    const result = await changed(filter, update, options);
    expect(result.document).toEqual(document);
    expect(result).toMatchObject({ matchedCount: 1, modifiedCount: document === rye ? 0 : 1 });
  });

  test('Decimal128 and BigInt are stored exactly', async () => {
    const { document } = await changed({}, { $set: { weight: '1.10' }, $inc: { code: 9007199254740993n } });
    expect([String(document?.weight), String(document?.code)]).toEqual(['1.10', '9007199254740993']);
  });

  const refusals: [string, Document, code: number][] = [
    ['a conflict', { $set: { tags: [] }, $push: { tags: 'x' } }, 40],
    ['an array operator on what is none', { $push: { price: 1 } }, 2],
    ['a position that nothing matched', { $set: { 'lines.$.qty': 1 } }, 2],
    ['$inc of text', { $inc: { name: 1 } }, 14],
    ['another _id', { $set: { _id: new mongoose.Types.ObjectId() } }, 66],
  ];

  test.each(refusals)('%s is an error and changes nothing', async (_name, update, code) => {
    const Product = await aModel();
    await Product.insertMany([rye]);
    await expect(
      database.db.collection(Product.collection.name).updateOne({ name: 'rye' }, update),
    ).rejects.toMatchObject({ code });
    expect(await Product.findOne().select('-_id').lean()).toEqual(rye);
  });

  test('upsert: inserts what the filter and the update say, once', async () => {
    const Product = await aModel();
    const upsert = () =>
      Product.updateOne({ sku: 'r', price: { $gt: 1 } }, { name: 'rye', $setOnInsert: { price: 4 } }, { upsert: true });
    expect(await upsert()).toMatchObject({ upsertedCount: 1, matchedCount: 0, upsertedId: expect.anything() });
    expect(await upsert()).toMatchObject({ upsertedCount: 0, matchedCount: 1, modifiedCount: 0 });
    expect(await Product.find().select('-_id').lean()).toEqual([{ sku: 'r', name: 'rye', price: 4 }]);
  });
});

async function three() {
  const Product = await aModel();
  await Product.insertMany([{ sku: 'a', price: 1 }, { sku: 'b', price: 2 }, { sku: 'c', price: 3 }]);
  return Product;
} // prettier-ignore

describe('many, replace, delete', () => {
  test('updateMany: changes what it finds and counts it', async () => {
    const Product = await three();
    expect(await Product.updateMany({ price: { $gte: 2 } }, { $set: { price: 3 } })).toMatchObject({
      matchedCount: 2,
      modifiedCount: 1,
    });
    const pipeline = [{ $set: { name: { $concat: ['$sku', '!'] } } }];
    expect(await Product.updateMany({}, pipeline, { updatePipeline: true })).toMatchObject({ modifiedCount: 3 });
    expect(await Product.distinct('name')).toEqual(['a!', 'b!', 'c!']);
  });

  test('updateMany that meets a unique key ends there', async () => {
    const Product = await three();
    await expect(Product.updateMany({}, { sku: 'a' })).rejects.toMatchObject({ code: 11000, keyValue: { sku: 'a' } });
  });

  test('replaceOne: nothing of the old is left but its id', async () => {
    const Product = await three();
    const before = await Product.findOne({ sku: 'a' });
    expect(await Product.replaceOne({ sku: 'a' }, { name: 'new' })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await Product.findById(before?._id).lean()).toEqual({ _id: before?._id, name: 'new' });
    expect(await Product.replaceOne({ sku: 'x' }, { name: 'y' }, { upsert: true })).toMatchObject({ upsertedCount: 1 });
  });

  test('deleteOne, deleteMany, findByIdAndDelete', async () => {
    const Product = await three();
    expect(await Product.deleteOne({ price: { $lt: 3 } })).toMatchObject({ deletedCount: 1 });
    const left = await Product.findOne().sort('price');
    expect((await Product.findByIdAndDelete(left?._id))?.sku).toBe('b');
    expect(await Product.deleteMany()).toMatchObject({ deletedCount: 1 });
    expect(await Product.deleteOne({})).toMatchObject({ deletedCount: 0 });
  });
});
