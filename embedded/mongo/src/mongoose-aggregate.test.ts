import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Aggregate, Schema, type PipelineStage } from 'mongoose';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

async function shopsAndProducts() {
  const { connection, freshName } = database;
  const [shopName, productName] = [freshName(), freshName()];
  const shopSchema = new Schema({ name: String, city: String, open: Boolean }, { versionKey: false });
  shopSchema.virtual('products', { ref: productName, localField: '_id', foreignField: 'shop' });
  shopSchema.virtual('productCount', { ref: productName, localField: '_id', foreignField: 'shop', count: true });
  shopSchema.virtual('dearest', { ref: productName, localField: '_id', foreignField: 'shop', justOne: true, options: { sort: { price: -1 } } });
  const productSchema = new Schema(
    {
      sku: String,
      price: Number,
      at: Date,
      tags: { type: [String], default: undefined },
      lines: { type: [{ _id: false, qty: Number }], default: undefined },
      shop: { type: Schema.Types.ObjectId, ref: shopName },
      others: { type: [{ type: Schema.Types.ObjectId, ref: shopName }], default: undefined },
      serial: Schema.Types.UUID,
    },
    { versionKey: false },
  );
  const Shop = connection.model(shopName, shopSchema);
  const Product = connection.model(productName, productSchema);
  const [bern, basel] = await Shop.insertMany([{ name: 'S1', city: 'Bern', open: true }, { name: 'S2', city: 'Basel' }]);
  await Product.insertMany([
    { sku: 'a', price: 1, at: new Date('2026-01-31T23:30:00Z'), tags: ['x', 'y'], shop: bern!._id, others: [basel!._id, bern!._id], lines: [{ qty: 1 }, { qty: 2 }], serial: '5c4b5f5c-1d9e-4b0e-8f3e-0a2f0c1d2e3f' },
    { sku: 'b', price: 2.5, at: new Date('2026-02-10'), tags: ['y'], shop: bern!._id },
    { sku: 'c', price: 4, at: new Date('2026-02-11'), tags: [], shop: basel!._id },
    { sku: 'd', price: 4 },
  ]);
  return { Shop, Product, bern: bern!, basel: basel! };
} // prettier-ignore

type Models = Awaited<ReturnType<typeof shopsAndProducts>>;

describe('aggregate', () => {
  const cases: [string, (models: Models) => Aggregate<unknown[]>, result: unknown[]][] = [
    ['match, sort, skip, limit, project', ({ Product: p }) => p.aggregate().match({ price: { $gt: 1 } }).sort('-price sku').skip(1).limit(1).project('sku -_id'), [{ sku: 'd' }]],
    ['project: computed, nested, left out', ({ Product: p }) => p.aggregate().match({ sku: 'a' }).project({ _id: 0, sku: 1, 'lines.qty': 1, twice: { $multiply: ['$price', 2] }, first: { $arrayElemAt: ['$tags', 0] } }), [{ sku: 'a', lines: [{ qty: 1 }, { qty: 2 }], twice: 2, first: 'x' }]],
    ['addFields', ({ Product: p }) => p.aggregate().match({ sku: 'a' }).addFields({ 'deep.sum': { $sum: '$lines.qty' } }).project('deep -_id'), [{ deep: { sum: 3 } }]],
    ['addFields through an array', ({ Product: p }) => p.aggregate().match({ sku: 'a' }).addFields({ 'lines.free': true }).project('lines -_id'), [{ lines: [{ qty: 1, free: true }, { qty: 2, free: true }] }]],
    ['group', ({ Product: p }) => p.aggregate().sort('sku').group({ _id: null, n: { $sum: 1 }, sum: { $sum: '$price' }, avg: { $avg: '$price' }, min: { $min: '$at' }, max: { $max: '$price' }, skus: { $push: '$sku' }, first: { $first: '$sku' }, last: { $last: '$sku' } }), [{ _id: null, n: 4, sum: 11.5, avg: 2.875, min: new Date('2026-01-31T23:30:00Z'), max: 4, skus: ['a', 'b', 'c', 'd'], first: 'a', last: 'd' }]],
    ['group by a date in a time zone', ({ Product: p }) => p.aggregate().match({ at: { $exists: true } }).group({ _id: { $dateToString: { date: '$at', format: '%Y-%m', timezone: 'Europe/Zurich' } }, n: { $sum: 1 } }), [{ _id: '2026-02', n: 3 }]],
    ['group by several, in order', ({ Product: p }) => p.aggregate().group({ _id: { y: { $year: '$at' }, price: '$price' }, n: { $count: {} } }).sort({ '_id.price': -1, '_id.y': -1 }).limit(2), [{ _id: { y: 2026, price: 4 }, n: 1 }, { _id: { y: null, price: 4 }, n: 1 }]],
    ['group by a UUID', ({ Product: p }) => p.aggregate().match({ serial: { $ne: null } }).group({ _id: '$serial', n: { $sum: 1 } }).project({ _id: 0, n: 1 }), [{ n: 1 }]],
    ['unwind', ({ Product: p }) => p.aggregate().unwind('tags').sort('sku tags').project('sku tags -_id'), [{ sku: 'a', tags: 'x' }, { sku: 'a', tags: 'y' }, { sku: 'b', tags: 'y' }]],
    ['unwind that keeps the empty', ({ Product: p }) => p.aggregate().unwind({ path: '$tags', preserveNullAndEmptyArrays: true, includeArrayIndex: 'at' }).match({ sku: { $in: ['b', 'c'] } }).project('sku tags at -_id'), [{ sku: 'b', tags: 'y', at: 0 }, { sku: 'c', at: null }]],
    ['sortByCount', ({ Product: p }) => p.aggregate().unwind('tags').sortByCount('tags'), [{ _id: 'y', count: 2 }, { _id: 'x', count: 1 }]],
    ['count', ({ Product: p }) => p.aggregate().match({ price: 4 }).count('n'), [{ n: 2 }]],
    ['replaceRoot', ({ Product: p }) => p.aggregate().match({ sku: 'a' }).replaceRoot({ $mergeObjects: [{ sku: '$sku' }, { n: 1 }] }), [{ sku: 'a', n: 1 }]],
    ['facet', ({ Product: p }) => p.aggregate().facet({ all: [{ $count: 'n' }], dear: [{ $match: { price: { $gt: 3 } } }, { $sort: { sku: -1 } }, { $project: { _id: 0, sku: 1 } }] }), [{ all: [{ n: 4 }], dear: [{ sku: 'd' }, { sku: 'c' }] }]],
    ['unionWith', ({ Product: p, Shop: s }) => p.aggregate().match({ sku: 'a' }).project('sku -_id').unionWith({ coll: s.collection.name, pipeline: [{ $project: { _id: 0, name: 1 } }] }), [{ sku: 'a' }, { name: 'S1' }, { name: 'S2' }]],
    ['redact', ({ Product: p }) => p.aggregate().redact({ $gt: ['$price', 3] }, '$$KEEP', '$$PRUNE').sort('sku').project('sku -_id'), [{ sku: 'c' }, { sku: 'd' }]],
    ['graphLookup', ({ Product: p, Shop: s }) => p.aggregate().match({ sku: 'a' }).graphLookup({ from: s.collection.name, startWith: '$others', connectFromField: 'next', connectToField: '_id', as: 'found' }).project({ _id: 0, n: { $size: '$found' } }), [{ n: 2 }]],
    ['fill with a value', ({ Product: p }) => p.aggregate([{ $match: { sku: 'd' } }, { $fill: { output: { at: { value: 0 } } } }, { $project: { _id: 0, at: 1 } }]), [{ at: 0 }]],
    ['a bucket', ({ Product: p }) => p.aggregate([{ $bucket: { groupBy: '$price', boundaries: [0, 2, 4], default: 'dear', output: { n: { $sum: 1 } } } }]), [{ _id: 0, n: 1 }, { _id: 2, n: 1 }, { _id: 'dear', n: 2 }]],
  ]; // prettier-ignore

  test.each(cases)('%s', async (_name, aggregate, result) => {
    expect(await aggregate(await shopsAndProducts())).toEqual(result);
  });

  test('sample gives so many, each once', async () => {
    const { Product } = await shopsAndProducts();
    const found = await Product.aggregate<{ sku: string }>().sample(3);
    expect(new Set(found.map(({ sku }) => sku)).size).toBe(3);
  });

  test('cursor gives each result once, in order', async () => {
    const { Product } = await shopsAndProducts();
    const skus: unknown[] = [];
    for await (const { sku } of Product.aggregate().sort('-sku').addFields({ n: 1 }).cursor({ batchSize: 1 }))
      skus.push(sku);
    expect(skus).toEqual(['d', 'c', 'b', 'a']);
  });

  const refused: [string, PipelineStage][] = [
    ['$out', { $out: 'x' }],
    ['$merge', { $merge: { into: 'x' } }],
    ['$search', { $search: {} }],
    ['$densify', { $densify: { field: 'price', range: { step: 1, bounds: [0, 3] } } }],
    ['$setWindowFields', { $setWindowFields: { sortBy: { price: 1 }, output: { n: { $documentNumber: {} } } } }],
    ['$fill with a method', { $fill: { sortBy: { sku: 1 }, output: { at: { method: 'locf' } } } }],
    ['$geoNear', { $geoNear: { near: [1, 1], distanceField: 'd' } } as never],
    ['$function', { $addFields: { x: { $function: { body: 'x', args: [], lang: 'js' } } } }],
  ];

  test.each(refused)('%s is refused by name', async (name, stage) => {
    const { Product } = await shopsAndProducts();
    await expect(Product.aggregate([stage]).exec()).rejects.toThrow(
      `${name} is not supported by the embedded database`,
    );
  });
});

describe('lookup', () => {
  const lookups: [string, (models: Models) => object, found: unknown[]][] = [
    ['by id', ({ Shop }) => ({ from: Shop.collection.name, localField: 'shop', foreignField: '_id' }), [['S1'], ['S1'], ['S2'], []]],
    ['by an array of ids', ({ Shop }) => ({ from: Shop.collection.name, localField: 'others', foreignField: '_id' }), [['S1', 'S2'], [], [], []]],
    ['where the field is missing on both sides', ({ Shop }) => ({ from: Shop.collection.name, localField: 'shop', foreignField: 'nowhere' }), [[], [], [], ['S1', 'S2']]],
    ['by expressions', ({ Shop }) => ({ from: Shop.collection.name, let: { id: '$shop' }, pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$id'] } } }] }), [['S1'], ['S1'], ['S2'], []]],
    ['by id and a pipeline', ({ Shop }) => ({ from: Shop.collection.name, localField: 'shop', foreignField: '_id', pipeline: [{ $match: { open: true } }] }), [['S1'], ['S1'], [], []]],
    ['in a collection that isn’t there', () => ({ from: 'nowhere', localField: 'shop', foreignField: '_id' }), [[], [], [], []]],
  ]; // prettier-ignore

  test.each(lookups)('%s', async (_name, lookup, names) => {
    const models = await shopsAndProducts();
    const stage = { ...lookup(models), as: 'found' };
    const results = await models.Product.aggregate<{ found: { name: string }[] }>()
      .lookup(stage as never)
      .sort('sku');
    expect(results.map(({ found }) => found.map(({ name }) => name))).toEqual(names);
  });
});

describe('populate', () => {
  test('one, several, chosen fields, and null where there is none', async () => {
    const { Product } = await shopsAndProducts();
    const found = await Product.find()
      .sort('sku')
      .populate('shop', 'name -_id')
      .populate({ path: 'others', options: { sort: { name: 1 } } })
      .lean();
    expect(found.map(({ shop }) => shop)).toEqual([{ name: 'S1' }, { name: 'S1' }, { name: 'S2' }, undefined]);
    expect(found[0]?.others).toMatchObject([{ name: 'S1' }, { name: 'S2' }]);
  });

  test('with match, and later on a document', async () => {
    const { Product } = await shopsAndProducts();
    const found = await Product.find()
      .sort('sku')
      .populate({ path: 'shop', match: { open: true } });
    expect(found.map((product) => product.get('shop.name'))).toEqual(['S1', 'S1', undefined, undefined]);
    const product = await Product.findOne({ sku: 'c' }).orFail();
    expect(await product.populate('shop')).toMatchObject({ shop: { name: 'S2' } });
  });

  test('virtual: many, their count, the first by sort, with a limit for each', async () => {
    const { Shop } = await shopsAndProducts();
    const shops = await Shop.find()
      .sort('name')
      .populate(['products', 'productCount', 'dearest'])
      .lean({ virtuals: true });
    expect(shops).toMatchObject([
      { products: [{ sku: 'a' }, { sku: 'b' }], productCount: 2, dearest: { sku: 'b' } },
      { products: [{ sku: 'c' }], productCount: 1, dearest: { sku: 'c' } },
    ]);
    const limited = await Shop.find()
      .sort('name')
      .populate({ path: 'products', perDocumentLimit: 1, options: { sort: { price: -1 } } })
      .lean();
    expect(limited).toMatchObject([{ products: [{ sku: 'b' }] }, { products: [{ sku: 'c' }] }]);
  });

  test('nested: of what was populated', async () => {
    const { Shop } = await shopsAndProducts();
    const [shop] = await Shop.find({ name: 'S1' })
      .populate({ path: 'products', populate: { path: 'others', select: 'city' } })
      .lean();
    expect(shop).toMatchObject({
      products: [{ sku: 'a', others: [{ city: 'Basel' }, { city: 'Bern' }] }, { sku: 'b' }],
    });
  });
});
