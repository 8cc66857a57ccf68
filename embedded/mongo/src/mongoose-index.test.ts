import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type IndexOptions, Schema } from 'mongoose';
import { openTestDatabase, type TestDatabase, until } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ memory: true, ttlIntervalMs: 20 });
});

afterAll(() => database.close());

function aModel() {
  const schema = new Schema(
    {
      email: { type: String, unique: true },
      nick: { type: String, index: true, sparse: true },
      place: { shelf: String, row: Number },
      tags: [String],
      until: { type: Date, expires: 3600 },
    },
    { autoIndex: false },
  );
  schema.index({ 'place.shelf': 1, 'place.row': -1 });
  schema.index({ tags: 1, email: 1 }, { name: 'tagged', unique: true, partialFilterExpression: { nick: { $exists: true } } });
  return database.connection.model(database.freshName(), schema);
} // prettier-ignore

describe('indexes', () => {
  test('init makes them, listIndexes gives them as they were asked for', async () => {
    const Model = aModel();
    await Model.createIndexes();
    const indexes = await Model.listIndexes();
    expect(indexes).toEqual([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { email: 1 }, name: 'email_1', unique: true },
      { v: 2, key: { nick: 1 }, name: 'nick_1', sparse: true },
      { v: 2, key: { until: 1 }, name: 'until_1', expireAfterSeconds: 3600 },
      { v: 2, key: { 'place.shelf': 1, 'place.row': -1 }, name: 'place.shelf_1_place.row_-1' },
      { v: 2, key: { tags: 1, email: 1 }, name: 'tagged', unique: true, partialFilterExpression: { nick: { $exists: true } } },
    ]); // prettier-ignore
    await Promise.all([Model.createIndexes(), Model.ensureIndexes()]);
    expect(await Model.listIndexes()).toEqual(indexes);
  });

  test('autoIndex makes them by itself', async () => {
    const Model = database.connection.model(database.freshName(), new Schema({ a: { type: Number, index: true } }));
    await Model.init();
    expect(await Model.listIndexes()).toHaveLength(2);
  });

  test('diffIndexes, syncIndexes, cleanIndexes: what is stored becomes what the schema says', async () => {
    const Model = aModel();
    await Model.createCollection();
    await Model.collection.createIndexes([{ key: { old: 1 } }, { key: { email: 1 } }]);
    const { toDrop, toCreate } = await Model.diffIndexes();
    expect([toDrop.sort(), toCreate.length]).toEqual([['email_1', 'old_1'], 5]);
    expect((await Model.syncIndexes()).sort()).toEqual(['email_1', 'old_1']);
    expect(await Model.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
    await Model.collection.createIndex({ old: -1 });
    expect(await Model.cleanIndexes()).toEqual(['old_-1']);
  });

  test('another index of the same name, or the same key by another name, is an error', async () => {
    const Model = aModel();
    await Model.createIndexes();
    await expect(Model.collection.createIndex({ nick: 1 }, { name: 'email_1' })).rejects.toMatchObject({ code: 86 });
    await expect(Model.collection.createIndex({ email: 1 }, { name: 'other', unique: true })).rejects.toMatchObject({
      code: 85,
    });
  });

  test('a unique index over documents that don’t fit it is an error', async () => {
    const Model = aModel();
    await Model.collection.insertMany([{ email: 'a' }, { email: 'a' }]);
    await expect(Model.createIndexes()).rejects.toMatchObject({ code: 11000 });
  });

  test.each<[string, Record<string, 1 | 'text' | '2dsphere' | 'hashed'>, IndexOptions]>([
    ['text', { nick: 'text' }, {}],
    ['2dsphere', { place: '2dsphere' }, {}],
    ['hashed', { nick: 'hashed' }, {}],
    ['wildcard', { '$**': 1 }, {}],
    ['hidden', { nick: 1 }, { hidden: true }],
    ['collation', { nick: 1 }, { collation: { locale: 'de' } }],
  ])('%s is refused by name', async (name, key, options) => {
    const schema = new Schema({ nick: String, place: {} }, { autoIndex: false });
    schema.index(key, options);
    const Model = database.connection.model(database.freshName(), schema);
    await expect(Model.createIndexes()).rejects.toThrow(
      new RegExp(`${name}.* is not supported by the embedded database`),
    );
  });

  test('createSearchIndex is refused', async () => {
    const Model = aModel();
    await expect(Model.createSearchIndex({ name: 'x', definition: {} })).rejects.toThrow(/createSearchIndexes/);
  });
});

test('a TTL index: documents go when their time has come, others stay', async () => {
  const schema = new Schema({ name: String, until: { type: Date, index: { expires: 0 } } });
  const Model = database.connection.model(database.freshName(), schema);
  await Model.init();
  const later = new Date(Date.now() + 3_600_000);
  await Model.insertMany([{ name: 'past', until: new Date() }, { name: 'soon', until: new Date(Date.now() + 100) }, { name: 'later', until: later }, { name: 'never' }]);
  await until(async () => (await Model.countDocuments()) === 2);
  expect(await Model.distinct('name')).toEqual(['later', 'never']);
}); // prettier-ignore

describe('collections', () => {
  test('createCollection: made once, listed, dropped', async () => {
    const { connection } = database;
    const Model = aModel();
    await Model.createCollection();
    await Model.createCollection();
    const names = async () => (await connection.listCollections()).map(({ name }) => name);
    expect(await names()).toContain(Model.collection.name);
    await connection.dropCollection(Model.collection.name);
    expect(await names()).not.toContain(Model.collection.name);
    expect(await Model.countDocuments()).toBe(0);
  });

  test('useDb: another database, dropped by itself', async () => {
    const other = database.connection.useDb('other');
    const Model = other.model('Thing', new Schema({ n: Number }));
    await Model.create({ n: 1 });
    expect((await database.connection.listDatabases()).databases.map(({ name }) => name)).toContain('other');
    await other.dropDatabase();
    expect(await Model.countDocuments()).toBe(0);
  });

  test.each([
    ['capped', { capped: true, size: 1_000 }],
    ['timeseries', { timeseries: { timeField: 'at' } }],
    ['viewOn', { viewOn: 'x', pipeline: [] }],
    ['validator', { validator: { n: 1 } }],
    ['collation', { collation: { locale: 'de' } }],
  ])('%s is refused by name', async (name, options) => {
    const made = database.connection.createCollection(database.freshName(), options);
    await expect(made).rejects.toThrow(new RegExp(`${name} is not supported by the embedded database`));
  });
});
