import { describe, expect, test } from '@jest/globals';
import { MongoBackend } from '@agendajs/mongo-backend';
import type { JobParameters } from 'agenda';
import { aJob, aRepository, earlier, future, past } from './agenda-query-suite.ts';
import type { TestDatabase } from './testing-mongoose.ts';

type GetDatabase = () => TestDatabase;

/** What of MongoBackend's repository writes, one group a method. */
export function saveSuite(getDatabase: GetDatabase) {
  describe('connect', () => connectCases(getDatabase));
  describe('saveJob', () => {
    saveCases(getDatabase);
    uniqueCases(getDatabase);
    debounceCases(getDatabase);
  });
  describe('saveJobState', () => stateCases(getDatabase));
  describe('disableJobs, enableJobs', () => disableCases(getDatabase));
}

function connectCases(getDatabase: GetDatabase) {
  test('makes the index for the next job, and finds it there the second time', async () => {
    const { db, freshName } = getDatabase();
    const collection = freshName();
    for (let round = 0; round < 2; round++) await new MongoBackend({ mongo: db, collection }).connect();
    const indexes = await db.collection(collection).indexes();
    expect(indexes.find(({ name }) => name === 'findAndLockNextJobIndex')?.key).toEqual({
      name: 1,
      nextRunAt: 1,
      priority: -1,
      lockedAt: 1,
      disabled: 1,
    });
  });

  test('with an address it has a connection of its own, which disconnect ends', async () => {
    const backend = new MongoBackend({ address: getDatabase().uri, collection: getDatabase().freshName() });
    await backend.connect();
    expect(await backend.repository.getQueueSize()).toBe(0);
    await backend.disconnect();
    await expect(backend.repository.getQueueSize()).rejects.toThrow(/must be connected/);
  });

  test('with ensureIndex: false makes none', async () => {
    const { db, freshName } = getDatabase();
    const collection = freshName();
    await new MongoBackend({ mongo: db, collection, ensureIndex: false }).connect();
    expect(
      await db
        .collection(collection)
        .indexes()
        .catch((error: { code: number }) => error.code),
    ).toBe(26);
  });
}

function saveCases(getDatabase: GetDatabase) {
  test('a normal job is inserted each time', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const [one, other] = [await repository.saveJob(aJob(), undefined), await repository.saveJob(aJob(), undefined)];
    expect(one._id).not.toEqual(other._id);
    expect(await jobs.countDocuments()).toBe(2);
  });

  test('a job with an id is changed, and one that is gone is not made again', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const saved = await repository.saveJob(aJob(), undefined);
    expect(await repository.saveJob({ ...saved, priority: 10 }, { lastModifiedBy: 'oven' })).toMatchObject({
      _id: saved._id,
      priority: 10,
      lastModifiedBy: 'oven',
    });
    await repository.removeJobs({ id: saved._id! });
    await repository.saveJob({ ...saved, priority: 20 }, undefined);
    expect(await jobs.countDocuments()).toBe(0);
  });

  test('of a single job there is one, and a time that has passed does not move it', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const single = (fields: Partial<JobParameters>) =>
      repository.saveJob(aJob({ type: 'single', ...fields }), undefined);
    const first = await single({ nextRunAt: past });
    expect(first.nextRunAt).toEqual(past);
    expect((await single({ nextRunAt: earlier, data: { n: 2 } })).nextRunAt).toEqual(past);
    expect(await single({ nextRunAt: future, data: { n: 3 } })).toMatchObject({ _id: first._id, nextRunAt: future });
    expect(await jobs.find().toArray()).toMatchObject([{ data: { n: 3 }, nextRunAt: future }]);
  });

  test('a single job that many save at once is one', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await Promise.all(Array.from({ length: 40 }, () => repository.saveJob(aJob({ type: 'single' }), undefined)));
    expect(await jobs.countDocuments({ name: 'bake' })).toBe(1);
  });
}

const saveUnique = (repository: MongoBackend['repository'], fields: Partial<JobParameters>) =>
  repository.saveJob(aJob({ unique: { 'data.shop': 1 }, data: { shop: 1 }, ...fields }), undefined);

function uniqueCases(getDatabase: GetDatabase) {
  test('unique: the same is changed, another is inserted', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const first = await saveUnique(repository, {});
    expect(await saveUnique(repository, { priority: 5 })).toMatchObject({ _id: first._id, priority: 5 });
    await saveUnique(repository, { unique: { 'data.shop': 2 }, data: { shop: 2 } });
    await saveUnique(repository, { name: 'sell' });
    expect(await jobs.countDocuments()).toBe(3);
  });

  test('unique by operators finds what they say', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await saveUnique(repository, { data: { shop: 3, size: 10 }, unique: { 'data.shop': 3 } });
    await saveUnique(repository, {
      data: { shop: 3, size: 20 },
      unique: { 'data.size': { $gte: 5 }, nextRunAt: { $ne: null } },
    });
    expect(await jobs.find().toArray()).toMatchObject([{ data: { shop: 3, size: 20 } }]);
  });

  test('insertOnly: what is there stays as it is', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const first = await saveUnique(repository, { uniqueOpts: { insertOnly: true } });
    const second = await saveUnique(repository, { priority: 5, nextRunAt: future, uniqueOpts: { insertOnly: true } });
    expect(second).toMatchObject({ _id: first._id, priority: 0, nextRunAt: past });
    expect(await jobs.countDocuments()).toBe(1);
  });

  test('a unique job that many save at once is one', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await Promise.all(Array.from({ length: 40 }, (_, n) => saveUnique(repository, { priority: n })));
    expect(await jobs.countDocuments()).toBe(1);
  });

  test('unique by code is refused', async () => {
    const { repository } = await aRepository(getDatabase());
    await expect(saveUnique(repository, { unique: { $where: 'true' } })).rejects.toThrow(/\$where/);
  });
}

const saveDebounced = (repository: MongoBackend['repository'], debounce: object, n: number, nextRunAt = new Date()) =>
  repository.saveJob(
    aJob({ nextRunAt, data: { key: 1, n }, unique: { 'data.key': 1 }, uniqueOpts: { debounce: { delay: 5_000, ...debounce } } }),
    undefined,
  ); // prettier-ignore

function debounceCases(getDatabase: GetDatabase) {
  test('trailing: each save puts it off, and the last data counts', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const before = Date.now();
    const first = await saveDebounced(repository, {}, 1);
    const second = await saveDebounced(repository, {}, 2);
    expect(Number(second.nextRunAt)).toBeGreaterThanOrEqual(Math.max(before + 5_000, Number(first.nextRunAt)));
    expect(second.debounceStartedAt).toEqual(first.debounceStartedAt);
    expect(await jobs.find().toArray()).toMatchObject([{ data: { n: 2 } }]);
  });

  test('trailing with maxWait: is not put off for ever', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await saveDebounced(repository, { maxWait: 1_000 }, 1);
    await jobs.updateOne({}, { $set: { debounceStartedAt: earlier } });
    const saved = await saveDebounced(repository, { maxWait: 1_000 }, 2);
    expect(Number(saved.nextRunAt)).toBeLessThanOrEqual(Date.now());
    expect(saved.debounceStartedAt).toBeUndefined();
  });

  test('leading: keeps its first time and takes the last data', async () => {
    const { repository } = await aRepository(getDatabase());
    const first = await saveDebounced(repository, { strategy: 'leading' }, 1, past);
    const second = await saveDebounced(repository, { strategy: 'leading' }, 2, future);
    expect(first.nextRunAt).toEqual(past);
    expect(second).toMatchObject({ _id: first._id, nextRunAt: past, data: { n: 2 } });
  });
}

function stateCases(getDatabase: GetDatabase) {
  test('stores what a run says and leaves the rest', async () => {
    const { repository } = await aRepository(getDatabase());
    const saved = await repository.saveJob(aJob({ data: { loaf: 'rye' }, priority: 3 }), undefined);
    const run = { lastRunAt: earlier, lastFinishedAt: past, failedAt: past, failCount: 2, failReason: 'no flour' };
    await repository.saveJobState(
      { ...saved, ...run, nextRunAt: null, priority: 99, progress: 50 },
      { lastModifiedBy: 'oven' },
    );
    expect(await repository.getJobById(String(saved._id))).toMatchObject({
      ...run,
      nextRunAt: null,
      progress: 50,
      priority: 3,
      data: { loaf: 'rye' },
      lastModifiedBy: 'oven',
    });
  });

  test('of a job that is gone is an error', async () => {
    const { repository } = await aRepository(getDatabase());
    const saved = await repository.saveJob(aJob(), undefined);
    await repository.purgeAllJobs();
    await expect(repository.saveJobState(saved, undefined)).rejects.toThrow(/maybe it does not exist anymore/);
    await expect(repository.saveJobState(aJob(), undefined)).rejects.toThrow(/without job ID/);
  });
}

function disableCases(getDatabase: GetDatabase) {
  test('count what they changed, by name, names, notNames, id and data', async () => {
    const { repository } = await aRepository(getDatabase());
    const ids: string[] = [];
    for (const name of ['bake', 'bake', 'sell', 'clean'])
      ids.push(String((await repository.saveJob(aJob({ name, data: { n: ids.length } }), undefined))._id));
    expect(await repository.disableJobs({ name: 'bake' })).toBe(2);
    expect(await repository.disableJobs({ names: ['bake', 'sell'] })).toBe(1);
    expect(await repository.disableJobs({ notNames: ['bake'] })).toBe(1);
    expect(await repository.disableJobs({})).toBe(0);
    expect((await repository.queryJobs({ state: 'paused' })).total).toBe(4);
    expect(await repository.enableJobs({ id: ids[0]! })).toBe(1);
    expect(await repository.enableJobs({ ids: [ids[0]!, ids[2]!] })).toBe(1);
    expect(await repository.enableJobs({ data: { n: 3 } })).toBe(1);
    expect((await repository.queryJobs({ includeDisabled: false })).total).toBe(3);
  });
}
