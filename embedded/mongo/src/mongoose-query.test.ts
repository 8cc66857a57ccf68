import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type InferSchemaType, type Query, Schema } from 'mongoose';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

const productSchema = new Schema(
  {
    name: String,
    price: Number,
    tags: [String],
    lines: [{ _id: false, sku: String, qty: Number }],
    place: { shelf: String, at: { row: Number, side: String } },
    weight: Schema.Types.Decimal128,
    code: BigInt,
    image: Buffer,
    serial: Schema.Types.UUID,
    madeAt: Date,
  },
  { versionKey: false },
);

type Product = InferSchemaType<typeof productSchema>;

const serial = '5c4b5f5c-1d9e-4b0e-8f3e-0a2f0c1d2e3f';
const beyondDouble = 9007199254740993n;

async function products() {
  const Product = database.connection.model(database.freshName(), productSchema);
  await Product.insertMany([
    {
      name: 'rye', price: 4, tags: ['dark', 'loaf'], lines: [{ sku: 'a', qty: 1 }, { sku: 'b', qty: 5 }],
      place: { shelf: 'top', at: { row: 1, side: 'left' } }, weight: '1.10', code: beyondDouble, image: Buffer.from('png'),
      serial, madeAt: new Date('2026-01-01'),
    },
    {
      name: 'spelt', price: 6, tags: ['loaf'], lines: [{ sku: 'b', qty: 1 }], place: { shelf: 'low', at: { row: 2, side: 'left' } },
      weight: '0.9', code: 5n, madeAt: new Date('2026-02-01'),
    },
    { name: 'Bun', price: 2, tags: [], weight: '0.10', madeAt: new Date('2026-03-01') },
    { name: 'cake', tags: ['sweet'], place: { shelf: 'top' } },
  ]); // prettier-ignore
  return Product;
}

type Products = Awaited<ReturnType<typeof products>>;
type Find = (model: Products) => Query<unknown, Product>;

async function namesOf(query: Query<unknown, Product>): Promise<string[]> {
  const found = (await query.lean()) as Product[];
  return found.map(({ name }) => String(name));
}

describe('find', () => {
  const cases: [string, Find, names: string[]][] = [
    ['nothing: in the order of insertion', (m) => m.find(), ['rye', 'spelt', 'Bun', 'cake']],
    ['where, equals', (m) => m.find().where('name').equals('rye'), ['rye']],
    ['null: also what is missing', (m) => m.find({ price: null }), ['cake']],
    ['gt, lte', (m) => m.find().where('price').gt(2).lte(6), ['rye', 'spelt']],
    ['gte, lt of dates', (m) => m.find().where('madeAt').gte(new Date('2026-02-01') as never).lt(new Date('2026-03-01') as never), ['spelt']],
    ['ne', (m) => m.find().ne('name', 'rye'), ['spelt', 'Bun', 'cake']],
    ['in', (m) => m.find({ name: { $in: ['cake', 'rye'] } }), ['rye', 'cake']],
    ['nin', (m) => m.find({ tags: { $nin: ['loaf'] } }), ['Bun', 'cake']],
    ['all', (m) => m.find().all('tags', ['loaf', 'dark']), ['rye']],
    ['size', (m) => m.find().size('tags', 0), ['Bun']],
    ['exists', (m) => m.find().exists('price', false), ['cake']],
    ['mod', (m) => m.find({ price: { $mod: [4, 0] } }), ['rye']],
    ['elemMatch', (m) => m.find().elemMatch('lines', { sku: 'b', qty: { $gt: 2 } }), ['rye']],
    ['a path through an array', (m) => m.find({ 'lines.sku': 'b' }), ['rye', 'spelt']],
    ['a position in an array', (m) => m.find({ 'lines.0.sku': 'b' }), ['spelt']],
    ['a nested path', (m) => m.find({ 'place.at.row': { $gte: 1 } }), ['rye', 'spelt']],
    ['or', (m) => m.find().or([{ price: 2 }, { tags: 'sweet' }]), ['Bun', 'cake']],
    ['nor', (m) => m.find().nor([{ price: 2 }, { tags: 'loaf' }]), ['cake']],
    ['and', (m) => m.find().and([{ tags: 'loaf' }, { price: { $not: { $gt: 5 } } }]), ['rye']],
    ['regex', (m) => m.find().regex('name', /^b/i), ['Bun']],
    ['expr', (m) => m.find({ $expr: { $gt: [{ $size: '$lines' }, 1] } }), ['rye']],
    ['type', (m) => m.find({ price: { $type: 'number' } as never }), ['rye', 'spelt', 'Bun']],
    ['Decimal128', (m) => m.find({ weight: { $gte: '0.9' } as never }), ['rye', 'spelt']],
    ['BigInt', (m) => m.find({ code: beyondDouble }), ['rye']],
    ['UUID', (m) => m.find({ serial: serial as never }), ['rye']],
    ['Buffer', (m) => m.find({ image: Buffer.from('png') }), ['rye']],
    ['sort', (m) => m.find().sort({ price: -1 }), ['spelt', 'rye', 'Bun', 'cake']],
    ['sort by two, one nested', (m) => m.find().sort('-place.shelf name'), ['cake', 'rye', 'spelt', 'Bun']],
    ['sort by a Decimal128', (m) => m.find().sort('weight'), ['cake', 'Bun', 'spelt', 'rye']],
    ['sort by an array: its least', (m) => m.find({ tags: { $exists: true } }).sort('tags'), ['Bun', 'rye', 'spelt', 'cake']],
    ['skip', (m) => m.find().skip(3), ['cake']],
    ['limit', (m) => m.find().limit(2), ['rye', 'spelt']],
    ['sort, skip and limit', (m) => m.find().sort('name').skip(1).limit(2), ['cake', 'rye']],
    ['batchSize', (m) => m.find().batchSize(1), ['rye', 'spelt', 'Bun', 'cake']],
    ['maxTimeMS, comment, allowDiskUse, read, readConcern', (m) => m.find().maxTimeMS(1_000).comment('x').allowDiskUse(true).read('primaryPreferred').readConcern('majority').limit(1), ['rye']],
  ]; // prettier-ignore

  test.each(cases)('%s', async (_name, find, names) => {
    expect(await namesOf(find(await products()))).toEqual(names);
  });

  test.each([
    ['some fields', 'name price -_id', { name: 'rye', price: 4 }],
    ['nested fields, also in an array', 'place.at.row lines.sku -_id', { place: { at: { row: 1 } }, lines: [{ sku: 'a' }, { sku: 'b' }] }],
    ['all but nested fields', '-_id -place.at -lines.qty -weight -code -image -serial -madeAt -tags', { name: 'rye', price: 4, lines: [{ sku: 'a' }, { sku: 'b' }], place: { shelf: 'top' } }],
  ])('select: %s', async (_name, fields, document) => {
    const Product = await products();
    expect(await Product.find({ name: 'rye' }).select(fields).lean()).toEqual([document]);
  }); // prettier-ignore

  test.each([
    ['the first', 1, ['dark']],
    ['the last', -1, ['loaf']],
    ['some in between', [1, 5], ['loaf']],
    ['from the end', [-2, 1], ['dark']],
  ])('slice: %s, and all other fields', async (_name, bounds, tags) => {
    const Product = await products();
    const found = await Product.findOne({ name: 'rye' })
      .slice('tags', bounds as never)
      .lean();
    expect(found).toMatchObject({ name: 'rye', price: 4, place: { shelf: 'top' }, code: expect.anything(), tags });
  });

  test('slice with select: those fields alone, in the order they are stored', async () => {
    const Product = await products();
    const found = await Product.findOne({ name: 'rye' }).select('-_id price name').slice('lines', [1, 1]).lean();
    expect(Object.entries(found ?? {})).toEqual([
      ['name', 'rye'],
      ['price', 4],
      ['lines', [{ sku: 'b', qty: 5 }]],
    ]);
    const without = await Product.findOne(
      { name: 'spelt' },
      { lines: { $slice: 0 }, place: 0, weight: 0, code: 0, _id: 0, madeAt: 0 },
    ).lean();
    expect(without).toEqual({ name: 'spelt', price: 6, tags: ['loaf'], lines: [] });
  });

  test('select of one element: by $elemMatch and by the position that matched', async () => {
    const Product = await products();
    const byCondition = { _id: 0, name: 1, lines: { $elemMatch: { qty: { $gt: 2 } } } };
    expect(await Product.findOne({ name: 'rye' }, byCondition).lean()).toEqual({
      name: 'rye',
      lines: [{ sku: 'b', qty: 5 }],
    });
    expect(await Product.findOne({ name: 'spelt' }, byCondition).lean()).toEqual({ name: 'spelt' });
    const byPosition = Product.findOne({ 'lines.qty': 5 }, { _id: 0, 'lines.$': 1 });
    expect(await byPosition.lean()).toEqual({ lines: [{ sku: 'b', qty: 5 }] });
  });

  test('a computed field', async () => {
    const Product = await products();
    const found = await Product.find(
      { price: { $gt: 4 } },
      { _id: 0, name: 1, twice: { $multiply: ['$price', 2] } },
    ).lean();
    expect(found).toEqual([{ name: 'spelt', twice: 12 }]);
  });
});

describe('one document', () => {
  test('findOne, findById: the document or null', async () => {
    const Product = await products();
    const found = await Product.findOne({ tags: 'loaf' }).sort('-price').skip(1);
    expect(found?.name).toBe('rye');
    expect(await Product.findOne({ name: 'x' })).toBeNull();
    const byId = await Product.findById(found?._id).select('name code weight serial');
    expect(byId).toMatchObject({ name: 'rye', code: beyondDouble });
    expect([String(byId?.weight), String(byId?.serial)]).toEqual(['1.10', serial]);
    expect(await Product.findById('0123456789abcdef01234567')).toBeNull();
  });

  test('orFail: a missing one is an error', async () => {
    const Product = await products();
    await expect(Product.findOne({ name: 'x' }).orFail()).rejects.toThrow(/No document found/);
  });

  test('exists: its id or null', async () => {
    const Product = await products();
    expect(await Product.exists({ name: 'rye' })).toEqual({ _id: expect.anything() });
    expect(await Product.exists({ name: 'x' })).toBeNull();
  });
});

describe('counts and values', () => {
  test('countDocuments, also with skip and limit', async () => {
    const Product = await products();
    expect(await Product.countDocuments()).toBe(4);
    expect(await Product.countDocuments({ tags: 'loaf' })).toBe(2);
    expect(await Product.find().skip(1).limit(2).countDocuments()).toBe(2);
    expect(await Product.countDocuments({ weight: { $lt: '1' } as never })).toBe(2);
  });

  test('estimatedDocumentCount', async () => {
    expect(await (await products()).estimatedDocumentCount()).toBe(4);
  });

  test.each([
    ['plain', 'price', [2, 4, 6]],
    ['of arrays', 'tags', ['dark', 'loaf', 'sweet']],
    ['inside arrays', 'lines.sku', ['a', 'b']],
    ['nested', 'place.at.side', ['left']],
  ])('distinct: %s', async (_name, path, values) => {
    expect(await (await products()).distinct(path)).toEqual(values);
  });

  test('distinct of what a filter finds', async () => {
    expect(await (await products()).distinct('name', { price: { $gte: 4 } })).toEqual(['rye', 'spelt']);
  });
});

async function many() {
  const Product = database.connection.model(database.freshName(), productSchema);
  await Product.insertMany(Array.from({ length: 250 }, (_, n) => ({ name: `n${n}`, price: n })));
  return Product;
}

describe('cursor', () => {
  test.each([undefined, 1, 7, 1_000])(
    'with a batchSize of %s gives each document once, in order',
    async (batchSize) => {
      const Product = await many();
      const query = Product.find().sort('price').lean();
      const prices: unknown[] = [];
      for await (const { price } of query.cursor(batchSize ? { batchSize } : {})) prices.push(price);
      expect(prices).toEqual(Array.from({ length: 250 }, (_, n) => n));
    },
  );

  test('eachAsync: several at once, in batches', async () => {
    const Product = await many();
    const names: unknown[] = [];
    await Product.find()
      .cursor({ batchSize: 50 })
      .eachAsync(async (documents) => void names.push(...documents.map(({ name }) => name)), {
        batchSize: 25,
        parallel: 2,
      });
    expect(new Set(names).size).toBe(250);
    expect(names).toHaveLength(250);
  });

  test('close: a cursor that was left gives nothing more', async () => {
    const cursor = (await many()).find().cursor({ batchSize: 2 });
    expect((await cursor.next())?.name).toBe('n0');
    await cursor.close();
    await expect(cursor.next()).rejects.toThrow(/closed/);
  });
});

describe('what is not supported is refused by name', () => {
  const cases: [string, Find, RegExp][] = [
    ['collation', (m) => m.find().collation({ locale: 'de' }), /collation is not supported/],
    ['hint', (m) => m.find().hint({ name: 1 }), /hint is not supported/],
    ['tailable', (m) => m.find().tailable(true), /tailable is not supported/],
    ['explain', (m) => m.find().explain(), /explain/],
    ['$where', (m) => m.find().where('$where').equals('true'), /\$where/],
    ['$text', (m) => m.find({ $text: { $search: 'rye' } }), /\$text is not supported/],
    ['near', (m) => m.find({ place: { $near: [1, 1] } } as never), /\$near is not supported|near/],
  ];

  test.each(cases)('%s', async (_name, find, message) => {
    const Product = await products();
    await expect(find(Product).exec()).rejects.toThrow(message);
  });

  test('watch', async () => {
    const stream = (await products()).watch();
    await expect(stream.next()).rejects.toThrow(/\$changeStream is not supported by the embedded database/);
    await stream.close();
  });

  test('startSession().withTransaction, connection.transaction', async () => {
    const Product = await products();
    const session = await Product.startSession();
    const create = () => Product.create([{ name: 'new' }], { session });
    await expect(session.withTransaction(create)).rejects.toThrow(/does not support sessions/);
    await session.endSession();
    const inTransaction = database.connection.transaction((each) => Product.findOne().session(each).exec());
    await expect(inTransaction).rejects.toThrow(/does not support sessions/);
    expect(await Product.countDocuments()).toBe(4);
  });
});
