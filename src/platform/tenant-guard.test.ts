import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Model } from 'mongoose';
import { startApp, type TestApp } from '../testing/start-app.ts';

/** Looked up before the tenant is known; each says so by being named here. */
const EXEMPT = ['account', 'apiKey', 'lease', 'rateLimit', 'user', 'session', 'mailToken', 'signingKey'];

const ID = 'acc_00000000000000000000000000';

let app: TestApp;
let models: Model<Record<string, unknown>>[];

beforeAll(async () => {
  app = await startApp();
  models = Object.values(app.service.platform.connection.models) as Model<Record<string, unknown>>[];
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const queries: Record<
  string,
  (model: Model<Record<string, unknown>>, filter: Record<string, unknown>) => PromiseLike<unknown>
> = {
  find: (model, filter) => model.find(filter),
  cursor: (model, filter) => model.find(filter).cursor().next(),
  findOne: (model, filter) => model.findOne(filter),
  exists: (model, filter) => model.exists(filter),
  countDocuments: (model, filter) => model.countDocuments(filter),
  distinct: (model, filter) => model.distinct('_id', filter),
  updateOne: (model, filter) => model.updateOne(filter, { $set: { accountId: ID } }),
  updateMany: (model, filter) => model.updateMany(filter, { $set: { accountId: ID } }),
  findOneAndUpdate: (model, filter) => model.findOneAndUpdate(filter, { $set: { accountId: ID } }),
  findOneAndReplace: (model, filter) => model.findOneAndReplace(filter, {}),
  replaceOne: (model, filter) => model.replaceOne(filter, {}),
  deleteOne: (model, filter) => model.deleteOne(filter),
  deleteMany: (model, filter) => model.deleteMany(filter),
  findOneAndDelete: (model, filter) => model.findOneAndDelete(filter),
  aggregate: (model, filter) => model.aggregate([{ $match: filter }]),
  bulkWrite: (model, filter) => model.bulkWrite([{ deleteMany: { filter } }]),
};

const unpinned = [{}, { accountId: { $exists: true } }, { accountId: [ID] }, { accountId: null }, { _id: 'x' }];

test('each model is guarded or exempt by name', () => {
  const unguarded = models.filter((model) => !EXEMPT.includes(model.modelName) && !model.schema.path('accountId'));

  expect(models.length).toBeGreaterThan(10);
  expect(unguarded.map((model) => model.modelName)).toEqual([]);
});

describe.each(Object.keys(queries))('%s', (name) => {
  test('is refused on every tenant-owned model unless it names one account', async () => {
    for (const model of guarded()) {
      for (const filter of unpinned) {
        await expect(run(name, model, filter)).rejects.toThrow(/names no account/);
      }
    }
  });

  test('is let through with an account', async () => {
    for (const model of guarded()) {
      await expect(run(name, model, { accountId: ID })).resolves.not.toThrow();
    }
  });
});

test('what cannot be filtered is refused', async () => {
  for (const model of guarded()) {
    await expect(model.estimatedDocumentCount().exec()).rejects.toThrow(/counts all accounts/);
    await expect(model.insertMany([{ _id: 'x' }])).rejects.toThrow(/names no account/);
    const join = [{ $match: { accountId: ID } }, { $lookup: { from: 'accounts', as: 'x', pipeline: [] } }];
    await expect(model.aggregate(join).exec()).rejects.toThrow(/escapes the tenant guard/);
  }
});

test('a query over all accounts says so by name', async () => {
  for (const model of guarded()) {
    await expect(model.find({}).setOptions({ acrossAccounts: true })).resolves.toEqual(expect.any(Array));
  }
});

function guarded() {
  return models.filter((model) => !EXEMPT.includes(model.modelName));
}

async function run(
  name: string,
  model: Model<Record<string, unknown>>,
  filter: Record<string, unknown>,
): Promise<void> {
  await queries[name]?.(model, filter);
}
