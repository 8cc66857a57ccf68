import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyBulkWriteOperation, Schema } from 'mongoose';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

const productSchema = new Schema(
  {
    sku: { type: String, unique: true },
    name: String,
    price: Number,
    tags: { type: [String], default: undefined },
    lines: { type: [{ _id: false, sku: String, qty: Number }], default: undefined },
  },
  { versionKey: false, autoIndex: false },
);

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
    { sku: 'a', qty: 1 },
    { sku: 'b', qty: 5 },
  ],
};

async function two() {
  const Product = await aModel();
  await Product.insertMany([
    { ...rye, sku: 'a' },
    { sku: 'b', name: 'spelt', price: 6 },
  ]);
  return Product;
}

describe('findOneAnd…', () => {
  test('findOneAndUpdate: before, after, projected, the first by sort', async () => {
    const Product = await two();
    expect((await Product.findOneAndUpdate({}, { $inc: { price: 1 } }, { sort: '-price' }))?.price).toBe(6);
    const options = { sort: '-price', returnDocument: 'after' } as const;
    const after = Product.findOneAndUpdate({}, { $inc: { price: 1 } }, options).select('-_id sku price');
    expect(await after.lean()).toEqual({ sku: 'b', price: 8 });
    expect(await Product.findOneAndUpdate({ sku: 'x' }, { price: 1 })).toBeNull();
    const sliced = { projection: { tags: { $slice: 1 } }, returnDocument: 'after' } as const;
    expect(await Product.findOneAndUpdate({ sku: 'a' }, { price: 5 }, sliced).lean()).toMatchObject({
      name: 'rye',
      tags: ['dark'],
      price: 5,
    });
  });

  test('findOneAndUpdate: upsert, with its metadata', async () => {
    const Product = await two();
    const update = () =>
      Product.findOneAndUpdate(
        { sku: 'c' },
        { $inc: { price: 1 } },
        { upsert: true, returnDocument: 'after', includeResultMetadata: true },
      );
    expect(await update()).toMatchObject({
      lastErrorObject: { updatedExisting: false, n: 1, upserted: expect.anything() },
      value: { sku: 'c', price: 1 },
    });
    expect(await update()).toMatchObject({ lastErrorObject: { updatedExisting: true, n: 1 }, value: { price: 2 } });
    expect(await Product.findOneAndUpdate({ sku: 'd' }, { price: 1 }, { upsert: true })).toBeNull();
  });

  test('findOneAndUpdate: arrayFilters, the position that matched, a pipeline', async () => {
    const Product = await two();
    const after = { returnDocument: 'after' } as const;
    const filtered = await Product.findOneAndUpdate(
      { sku: 'a' },
      { 'lines.$[l].qty': 9 },
      { ...after, arrayFilters: [{ 'l.sku': 'b' }] },
    );
    expect(filtered?.lines?.map(({ qty }) => qty)).toEqual([1, 9]);
    const positioned = await Product.findOneAndUpdate({ 'lines.qty': 9 }, { 'lines.$.qty': 3 }, after);
    expect(positioned?.lines?.map(({ qty }) => qty)).toEqual([1, 3]);
    const computed = await Product.findOneAndUpdate({ sku: 'a' }, [{ $set: { price: { $size: '$lines' } } }], {
      ...after,
      updatePipeline: true,
    });
    expect(computed?.price).toBe(2);
  });

  test('findOneAndReplace, findOneAndDelete, findByIdAndUpdate', async () => {
    const Product = await two();
    const replaced = await Product.findOneAndReplace({ sku: 'a' }, { sku: 'z' }, { returnDocument: 'after' }).lean();
    expect(replaced).toEqual({ _id: expect.anything(), sku: 'z' });
    expect(
      (await Product.findByIdAndUpdate(replaced?._id, { $push: { tags: 'x' } }, { returnDocument: 'after' }))?.tags,
    ).toEqual(['x']);
    expect((await Product.findOneAndDelete({}, { sort: 'price' }))?.sku).toBe('z');
    expect(await Product.findOneAndDelete({ sku: 'z' })).toBeNull();
  });

  test('findOneAndUpdate of a hundred at once counts each', async () => {
    const Product = await two();
    const increments = Array.from({ length: 100 }, () =>
      Product.findOneAndUpdate({ sku: 'n' }, { $inc: { price: 1 } }, { upsert: true, returnDocument: 'after' }),
    );
    const prices = (await Promise.all(increments)).map((product) => product?.price);
    expect(new Set(prices).size).toBe(100);
  });
});

describe('bulkWrite, bulkSave', () => {
  const operations: AnyBulkWriteOperation<{ sku?: string | null; price?: number | null }>[] = [
    { insertOne: { document: { sku: 'a', price: 1 } } },
    { insertOne: { document: { sku: 'b', price: 1 } } },
    { updateOne: { filter: { sku: 'a' }, update: { $inc: { price: 1 } } } },
    { updateMany: { filter: {}, update: { $inc: { price: 10 } } } },
    { updateOne: { filter: { sku: 'c' }, update: { price: 5 }, upsert: true } },
    { replaceOne: { filter: { sku: 'b' }, replacement: { sku: 'bb' } } },
    { deleteOne: { filter: { sku: 'a' } } },
    { deleteMany: { filter: { price: { $gt: 100 } } } },
  ];

  test.each([true, false])('all kinds, ordered: %s', async (ordered) => {
    const Product = await aModel();
    expect(await Product.bulkWrite(operations as never, { ordered })).toMatchObject({
      insertedCount: 2,
      matchedCount: 4,
      modifiedCount: 4,
      upsertedCount: 1,
      deletedCount: 1,
    });
    expect(await Product.distinct('sku')).toEqual(['bb', 'c']);
  });

  test.each([
    [true, 1, ['a']],
    [false, 2, ['a', 'b']],
  ])('with an error in it, ordered: %s', async (ordered, insertedCount, skus) => {
    const Product = await aModel();
    const inserts = ['a', 'a', 'b'].map((sku) => ({ insertOne: { document: { sku } } }));
    const error = await Product.bulkWrite(inserts, { ordered }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 11000, writeErrors: [{ index: 1 }], result: { insertedCount } });
    expect(await Product.distinct('sku')).toEqual(skus);
  });

  test('bulkSave: new and changed documents in one go', async () => {
    const Product = await aModel();
    const known = await Product.create({ sku: 'a', price: 1 });
    known.price = 2;
    expect(await Product.bulkSave([known, new Product({ sku: 'b' })])).toMatchObject({
      insertedCount: 1,
      modifiedCount: 1,
    });
    expect(await Product.findOne({ sku: 'a' }).lean()).toMatchObject({ price: 2 });
  });
});
