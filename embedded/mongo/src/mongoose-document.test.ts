import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import mongoose, { Schema } from 'mongoose';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

const lineSchema = new Schema({ sku: String, qty: Number });

const orderSchema = new Schema({
  name: String,
  tags: [String],
  lines: [lineSchema],
  place: { shelf: String, at: { row: Number } },
  owner: new Schema({ email: String }),
  counts: { type: Map, of: Number },
  marks: { type: Map, of: new Schema({ mark: Number }, { _id: false }) },
  weight: Schema.Types.Decimal128,
  code: BigInt,
  image: Buffer,
  serial: Schema.Types.UUID,
  ratio: Schema.Types.Double,
  small: Schema.Types.Int32,
  anything: {},
});

async function anOrder() {
  const Order = database.connection.model(database.freshName(), orderSchema);
  const order = await Order.create({ name: 'o', tags: ['a', 'b', 'c'], lines: [{ sku: 'x', qty: 1 }, { sku: 'y', qty: 2 }] });
  return { Order, order, stored: async () => (await Order.findById(order._id).orFail()).toObject({ flattenMaps: true }) };
} // prettier-ignore

type Order = Awaited<ReturnType<typeof anOrder>>['order'];

/** The inferred type is that of a plain array. */
const tagsOf = (order: Order) => order.tags as mongoose.Types.Array<string>;

describe('save', () => {
  const arrays: [
    string,
    (tags: mongoose.Types.Array<string>, order: Order) => unknown,
    tags: string[],
    version: number,
  ][] = [
    ['push', (tags) => tags.push('d', 'e'), ['a', 'b', 'c', 'd', 'e'], 1],
    ['addToSet', (tags) => tags.addToSet('a', 'd'), ['a', 'b', 'c', 'd'], 1],
    ['pull', (tags) => tags.pull('b'), ['a', 'c'], 1],
    ['unshift', (tags) => tags.unshift('z'), ['z', 'a', 'b', 'c'], 1],
    ['splice', (tags) => tags.splice(1, 1, 'x', 'y'), ['a', 'x', 'y', 'c'], 1],
    ['pop', (tags) => tags.pop(), ['a', 'b'], 1],
    ['shift', (tags) => tags.shift(), ['b', 'c'], 1],
    ['sort', (tags) => tags.sort((left, right) => (left < right ? 1 : -1)), ['c', 'b', 'a'], 1],
    ['set of a position', (tags) => tags.set(1, 'x'), ['a', 'x', 'c'], 0],
    ['another array', (_tags, order) => order.set('tags', ['new']), ['new'], 1],
  ];

  test.each(arrays)(
    'an array changed by %s is stored, and the version with it',
    async (_name, change, tags, version) => {
      const { order, stored } = await anOrder();
      change(tagsOf(order), order);
      await order.save();
      expect(await stored()).toMatchObject({ tags, __v: version });
    },
  );

  test('documents in an array: pushed, changed, pulled, deleted', async () => {
    const { Order, order, stored } = await anOrder();
    order.lines.push({ sku: 'z', qty: 3 });
    await order.save();
    order.lines[1]!.qty = 20;
    await order.save();
    void order.lines.id(order.lines[0]!._id)?.deleteOne();
    await order.save();
    expect((await stored()).lines).toMatchObject([
      { sku: 'y', qty: 20 },
      { sku: 'z', qty: 3 },
    ]);
    const again = await Order.findById(order._id).orFail();
    again.lines.pull({ _id: again.lines[0]!._id });
    await again.save();
    expect((await stored()).lines).toMatchObject([{ sku: 'z', qty: 3 }]);
  });

  test('nested documents, Maps and free ones: set, changed, removed', async () => {
    const { order, stored } = await anOrder();
    order.set({
      'place.shelf': 'top',
      'place.at.row': 1,
      owner: { email: 'a@example.com' },
      anything: { deep: [1, { two: 2 }] },
    });
    order.counts = new Map([
      ['mon', 1],
      ['tue', 2],
    ]);
    order.set('marks', { mon: { mark: 1 } });
    await order.save();
    order.place!.at!.row = 2;
    order.owner!.email = 'b@example.com';
    order.counts.set('wed', 3);
    order.counts.delete('mon');
    order.set('marks.mon.mark', 5);
    order.anything = { other: true };
    await order.save();
    expect(await stored()).toMatchObject({
      place: { shelf: 'top', at: { row: 2 } },
      owner: { email: 'b@example.com' },
      counts: { tue: 2, wed: 3 },
      marks: { mon: { mark: 5 } },
      anything: { other: true },
    });
    order.set({ place: undefined, owner: undefined, anything: undefined, name: undefined });
    await order.save();
    const left = await stored();
    expect([left.owner, left.anything, left.name]).toEqual([undefined, undefined, undefined]);
  });

  test('Decimal128, BigInt, Buffer, UUID, Double and Int32 come back as they were, by their types on disk', async () => {
    const { Order, order, stored } = await anOrder();
    const serial = new mongoose.Types.UUID();
    const weight = mongoose.Types.Decimal128.fromString('0.30');
    order.set({ weight, code: 9007199254740993n, image: Buffer.from([0, 255]), serial, ratio: 5, small: 7 });
    await order.save();
    await Order.updateOne({ _id: order._id }, { $inc: { small: 1, code: 1n } });
    const found = await stored();
    expect([String(found.weight), found.code, String(found.serial), found.small]).toEqual(['0.30', 9007199254740994n, String(serial), 8]);
    expect([...((await Order.findById(order._id).orFail()).image ?? [])]).toEqual([0, 255]);
    const types = { weight: 'decimal', code: 'long', image: 'binData', serial: 'binData', ratio: 'double', small: 'int' };
    for (const [field, type] of Object.entries(types))
      expect([field, await Order.countDocuments({ [field]: { $type: type } })]).toEqual([field, 1]);
  }); // prettier-ignore

  test('an unchanged document sends nothing, one that is gone is an error, deleteOne removes it', async () => {
    const { Order, order } = await anOrder();
    await order.save();
    expect((await order.deleteOne()).deletedCount).toBe(1);
    expect(await Order.countDocuments()).toBe(0);
    order.name = 'again';
    order.isNew = false;
    await expect(order.save()).rejects.toThrow(mongoose.Error.DocumentNotFoundError);
  });

  test('document.updateOne, replaceOne: change what is stored', async () => {
    const { order, stored } = await anOrder();
    await order.updateOne({ $push: { tags: 'd' } });
    expect((await stored()).tags).toEqual(['a', 'b', 'c', 'd']);
    await order.replaceOne({ name: 'new' });
    expect(await stored()).toMatchObject({ name: 'new', tags: [] });
  });
});

describe('versions', () => {
  test('a change by position to an array that another has changed is refused', async () => {
    const { Order, order } = await anOrder();
    const other = await Order.findById(order._id).orFail();
    tagsOf(order).pull('a');
    await order.save();
    tagsOf(other).set(0, 'x');
    await expect(other.save()).rejects.toThrow(mongoose.Error.VersionError);
    expect((await Order.findById(order._id))?.tags).toEqual(['b', 'c']);
  });

  test('optimisticConcurrency: of two who change the same document the second is refused', async () => {
    const schema = new Schema({ n: Number }, { optimisticConcurrency: true });
    const Counter = database.connection.model(database.freshName(), schema);
    const { _id: id } = await Counter.create({ n: 0 });
    const copies = await Promise.all(Array.from({ length: 10 }, () => Counter.findById(id).orFail()));
    const saves = await Promise.allSettled(copies.map((copy, n) => copy.set({ n: n + 1 }).save()));
    const refused = saves.filter((save) => save.status === 'rejected');
    expect(refused).toHaveLength(9);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(mongoose.Error.VersionError);
    expect(await Counter.findById(id).lean()).toMatchObject({ __v: 1 });
  });
});

async function aNote() {
  const schema = new Schema(
    { text: String, lines: [new Schema({ text: String }, { timestamps: true })] },
    { timestamps: true },
  );
  const Note = database.connection.model(database.freshName(), schema);
  const old = new Date('2020-01-01');
  const { insertedId } = await Note.collection.insertOne({ text: 'a', createdAt: old, updatedAt: old });
  return { Note, id: insertedId, old };
}

describe('timestamps', () => {
  test('save, updateOne, updateMany and findOneAndUpdate renew updatedAt, and leave createdAt', async () => {
    const { Note, id, old } = await aNote();
    const changes = [
      async () => (await Note.findById(id).orFail()).set({ text: 'b' }).save(),
      () => Note.updateOne({ _id: id }, { text: 'c' }),
      () => Note.updateMany({}, { $set: { text: 'd' } }),
      () => Note.findOneAndUpdate({ _id: id }, { text: 'e' }),
      () => Note.bulkWrite([{ updateOne: { filter: { _id: id }, update: { text: 'f' } } }]),
    ];
    for (const change of changes) {
      await Note.collection.updateOne({ _id: id }, { $set: { updatedAt: old } });
      await change();
      const note = await Note.findById(id).orFail();
      expect(note.createdAt).toEqual(old);
      expect(Number(note.updatedAt)).toBeGreaterThan(Number(old));
    }
  });

  test('an upsert sets both, and so does a document in an array', async () => {
    const { Note } = await aNote();
    await Note.updateOne({ text: 'new' }, { $push: { lines: { text: 'l' } } }, { upsert: true });
    const note = await Note.findOne({ text: 'new' }).orFail();
    expect([note.createdAt, note.updatedAt, note.lines[0]?.createdAt]).toEqual(Array(3).fill(expect.any(Date)));
  });
});

test('discriminators: each kind is found by itself, all by the base, and is changed as what it is', async () => {
  const options = { discriminatorKey: 'kind' };
  const Event = database.connection.model(database.freshName(), new Schema({ at: Date }, options));
  const Click = Event.discriminator(database.freshName(), new Schema({ url: String }, options), 'click');
  const Sale = Event.discriminator(database.freshName(), new Schema({ price: Number }, options), 'sale');
  await Click.create({ url: '/', at: new Date() });
  await Sale.insertMany([{ price: 2 }, { price: 3 }]);
  await Event.create({ at: new Date() });
  expect(await Event.countDocuments()).toBe(4);
  expect(await Sale.countDocuments({ price: { $gt: 2 } })).toBe(1);
  expect((await Click.findOne())?.url).toBe('/');
  expect((await Event.find().sort('_id')).map((event) => event.get('kind'))).toEqual([
    'click',
    'sale',
    'sale',
    undefined,
  ]);
  expect(await Sale.updateMany({}, { $inc: { price: 1 } })).toMatchObject({ modifiedCount: 2 });
  expect(await Sale.aggregate().group({ _id: null, sum: { $sum: '$price' } })).toEqual([{ _id: null, sum: 7 }]);
  expect(await Click.deleteMany()).toMatchObject({ deletedCount: 1 });
});

test('a unique key that is taken is an error that names index, key and value, on save as on update', async () => {
  const schema = new Schema({ email: { type: String, unique: true }, shop: { code: Number }, list: [Number] });
  schema.index({ 'shop.code': 1, list: 1 }, { unique: true, name: 'code and list', partialFilterExpression: { 'shop.code': { $exists: true } } });
  const User = database.connection.model(database.freshName(), schema);
  await User.init();
  await User.create({ email: 'a', shop: { code: 1 }, list: [1, 2] });
  await expect(User.create({ email: 'a' })).rejects.toMatchObject({ code: 11000, keyPattern: { email: 1 }, keyValue: { email: 'a' } });
  await expect(User.create({ email: 'b', shop: { code: 1 }, list: [3, 2] })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { 'shop.code': 1, list: 1 },
    message: expect.stringMatching(/index: code and list dup key: \{ shop\.code: 1, list: 2 \}/),
  });
  const other = await User.create({ email: 'c' });
  await expect(other.set({ email: 'a' }).save()).rejects.toMatchObject({ code: 11000 });
  await expect(User.findOneAndUpdate({ email: 'c' }, { email: 'a' })).rejects.toMatchObject({ code: 11000 });
  expect(await User.distinct('email')).toEqual(['a', 'c']);
}); // prettier-ignore
