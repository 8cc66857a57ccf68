import { describe, expect, test } from '@jest/globals';
import { MongoBackend } from '@agendajs/mongo-backend';
import type { JobParameters, JobsQueryOptions, JobState } from 'agenda';
import type { TestDatabase } from './testing-mongoose.ts';

type GetDatabase = () => TestDatabase;

export async function aRepository(database: TestDatabase) {
  const name = database.freshName();
  const backend = new MongoBackend({ mongo: database.db, collection: name, logCollection: `${name}_logs` });
  await backend.connect();
  return { repository: backend.repository, logger: backend.logger, jobs: database.db.collection(name) };
}

export function aJob(fields: Partial<JobParameters> = {}): Omit<JobParameters, '_id'> {
  return { name: 'bake', priority: 0, nextRunAt: past, type: 'normal', data: {}, ...fields };
}

export const past = new Date(Date.now() - 60_000);
export const earlier = new Date(Date.now() - 120_000);
export const future = new Date(Date.now() + 3_600_000);

const inState: Record<JobState, Partial<JobParameters>> = {
  running: { lockedAt: past },
  failed: { nextRunAt: null, failedAt: past, lastFinishedAt: past },
  repeating: { repeatInterval: '1 day', nextRunAt: future },
  scheduled: { nextRunAt: future },
  queued: { nextRunAt: past },
  completed: { nextRunAt: null, lastFinishedAt: past },
  paused: { nextRunAt: future, disabled: true },
};

const states = Object.keys(inState) as JobState[];

/** What of MongoBackend's repository reads and removes, one group a method. */
export function querySuite(getDatabase: GetDatabase) {
  describe('getJobById', () => getJobByIdCases(getDatabase));
  describe('queryJobs', () => {
    optionCases(getDatabase);
    stateCases(getDatabase);
    longReadCases(getDatabase);
  });
  describe('getJobsOverview, getDistinctJobNames, getQueueSize', () => overviewCases(getDatabase));
  describe('removeJobs, purgeAllJobs', () => removeCases(getDatabase));
}

function getJobByIdCases(getDatabase: GetDatabase) {
  test('finds a job with all that was saved, and null for an id that nobody has', async () => {
    const { repository } = await aRepository(getDatabase());
    const saved = await repository.saveJob(
      aJob({ data: { loaf: 'rye', deep: [1, { two: 2.5 }] }, startDate: past, skipDays: [0, 6], progress: 40 }),
      { lastModifiedBy: 'oven' },
    );
    expect(await repository.getJobById(String(saved._id))).toMatchObject({
      name: 'bake',
      nextRunAt: past,
      data: { loaf: 'rye', deep: [1, { two: 2.5 }] },
      startDate: past,
      skipDays: [0, 6],
      progress: 40,
      lastModifiedBy: 'oven',
    });
    expect(await repository.getJobById('0123456789abcdef01234567')).toBeNull();
  });
}

async function fourJobs(database: TestDatabase) {
  const { repository } = await aRepository(database);
  const ids: string[] = [];
  for (const [n, fields] of [
    { name: 'bake', data: { loaf: { kind: 'rye', grams: 500 }, shop: 1 }, priority: 1, nextRunAt: past },
    { name: 'bake.again', data: { loaf: { kind: 'spelt', grams: 750 }, shop: 1 }, priority: 3, nextRunAt: future },
    { name: 'Sell', data: 'plain', priority: 2, nextRunAt: earlier, lastRunAt: past, lastFinishedAt: past },
    { name: 'clean', data: 7, priority: 0, nextRunAt: null, disabled: true, lastRunAt: earlier },
  ].entries()) {
    ids[n] = String((await repository.saveJob(aJob(fields), undefined))._id);
  }
  return { repository, ids };
}

function optionCases(getDatabase: GetDatabase) {
  const cases: [string, (ids: string[]) => JobsQueryOptions, names: string[], total?: number][] = [
    ['nothing: all, the latest to run first', () => ({}), ['bake.again', 'bake', 'Sell', 'clean']],
    ['name', () => ({ name: 'bake' }), ['bake']],
    ['names', () => ({ names: ['clean', 'Sell', 'nobody'] }), ['Sell', 'clean']],
    ['id', (ids) => ({ id: ids[2]! }), ['Sell']],
    ['an id that is none', () => ({ id: 'x' }), []],
    ['ids', (ids) => ({ ids: [ids[3]!, ids[0]!] }), ['bake', 'clean']],
    ['search, in any case and literally', () => ({ search: 'E.A' }), ['bake.again']],
    ['search in the middle', () => ({ search: 'el' }), ['Sell']],
    ['data that is part of it', () => ({ data: { shop: 1 } }), ['bake.again', 'bake']],
    ['data inside', () => ({ data: { loaf: { kind: 'rye' } } }), ['bake']],
    ['data that is text', () => ({ data: 'plain' }), ['Sell']],
    ['data that is a number', () => ({ data: 7 }), ['clean']],
    ['includeDisabled: false', () => ({ includeDisabled: false }), ['bake.again', 'bake', 'Sell']],
    ['sort by nextRunAt', () => ({ sort: { nextRunAt: 'asc' } }), ['clean', 'Sell', 'bake', 'bake.again']],
    ['sort by priority', () => ({ sort: { priority: 'desc' } }), ['bake.again', 'Sell', 'bake', 'clean']],
    ['sort by name', () => ({ sort: { name: 'asc' } }), ['Sell', 'bake', 'bake.again', 'clean']],
    ['sort by lastRunAt', () => ({ names: ['Sell', 'clean'], sort: { lastRunAt: 'asc' } }), ['clean', 'Sell']],
    ['sort by lastFinishedAt', () => ({ names: ['Sell', 'clean'], sort: { lastFinishedAt: 'desc' } }), ['Sell', 'clean']],
    ['sort by data: numbers, text, documents', () => ({ names: ['bake', 'Sell', 'clean'], sort: { data: 'asc' } }), ['clean', 'Sell', 'bake']],
    ['limit', () => ({ limit: 2 }), ['bake.again', 'bake'], 4],
    ['skip', () => ({ skip: 3 }), ['clean'], 4],
    ['skip and limit', () => ({ skip: 1, limit: 2 }), ['bake', 'Sell'], 4],
  ]; // prettier-ignore

  test.each(cases)('by %s', async (_name, optionsOf, names, total = names.length) => {
    const { repository, ids } = await fourJobs(getDatabase());
    const found = await repository.queryJobs(optionsOf(ids));
    expect(found.jobs.map(({ name }) => name)).toEqual(names);
    expect(found.total).toBe(total);
  });
}

function stateCases(getDatabase: GetDatabase) {
  test.each(states)('by the state %s', async (state) => {
    const { repository } = await aRepository(getDatabase());
    for (const each of states) await repository.saveJob(aJob({ ...inState[each], name: each }), undefined);
    const { jobs, total } = await repository.queryJobs({ state });
    // A paused job also counts as what it waits for.
    const expected = state === 'scheduled' ? ['paused', 'scheduled'] : [state];
    expect(jobs.map(({ name }) => name).sort()).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  test('by a state, a page at a time', async () => {
    const { repository } = await aRepository(getDatabase());
    for (const n of [1, 2, 3]) await repository.saveJob(aJob({ priority: n }), undefined);
    await repository.saveJob(aJob(inState.completed), undefined);
    const { jobs, total } = await repository.queryJobs({
      state: 'queued',
      sort: { priority: 'asc' },
      skip: 1,
      limit: 1,
    });
    expect(jobs.map(({ priority }) => priority)).toEqual([2]);
    expect(total).toBe(3);
  });
}

function longReadCases(getDatabase: GetDatabase) {
  test('reads more jobs than one batch holds, in order, and counts them', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await jobs.insertMany(Array.from({ length: 1_200 }, (_, n) => ({ ...aJob({ priority: n % 7 }), data: { n } })));
    const all = await repository.queryJobs({ sort: { priority: 'desc', data: 'asc' }, state: 'queued' });
    expect(all.total).toBe(1_200);
    expect(all.jobs.slice(0, 3).map(({ data }) => data)).toEqual([{ n: 6 }, { n: 13 }, { n: 20 }]);
    const page = await repository.queryJobs({ sort: { data: 'asc' }, skip: 1_000, limit: 3 });
    expect(page.jobs.map(({ data }) => data)).toEqual([{ n: 1_000 }, { n: 1_001 }, { n: 1_002 }]);
    expect(await repository.getQueueSize()).toBe(1_200);
    expect(await repository.getJobsOverview()).toMatchObject([{ name: 'bake', total: 1_200, queued: 1_200 }]);
  });

  test('sees what was written just before', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await jobs.insertMany(Array.from({ length: 800 }, () => aJob()));
    for (const round of [1, 2, 3]) {
      await repository.saveJob(aJob({ name: `round ${round}` }), undefined);
      expect((await repository.queryJobs({ search: 'round' })).total).toBe(round);
      expect(await repository.getDistinctJobNames()).toHaveLength(round + 1);
    }
  });
}

function overviewCases(getDatabase: GetDatabase) {
  test('jobs are counted by name and state', async () => {
    const { repository } = await aRepository(getDatabase());
    for (const state of states) await repository.saveJob(aJob(inState[state]), undefined);
    await repository.saveJob(aJob({ name: 'sell' }), undefined);
    const none = { running: 0, scheduled: 0, queued: 0, completed: 0, failed: 0, repeating: 0, paused: 0 };
    const overview = await repository.getJobsOverview();
    expect(overview.sort((left, right) => (left.name < right.name ? -1 : 1))).toEqual([
      { name: 'bake', total: 7, running: 1, scheduled: 2, queued: 1, completed: 1, failed: 1, repeating: 1, paused: 1 },
      { ...none, name: 'sell', total: 1, queued: 1 },
    ]);
    expect((await repository.getDistinctJobNames()).sort()).toEqual(['bake', 'sell']);
    // Of the eight, those with a time that has come: running, queued, and the other name's.
    expect(await repository.getQueueSize()).toBe(3);
  });

  test('without jobs there is nothing to count', async () => {
    const { repository } = await aRepository(getDatabase());
    expect(await repository.getJobsOverview()).toEqual([]);
    expect(await repository.getDistinctJobNames()).toEqual([]);
    expect(await repository.getQueueSize()).toBe(0);
  });
}

function removeCases(getDatabase: GetDatabase) {
  const cases: [string, (ids: string[]) => Parameters<MongoBackend['repository']['removeJobs']>[0], left: string[]][] =
    [
      ['id', (ids) => ({ id: ids[0]! }), ['Sell', 'bake.again', 'clean']],
      ['ids', (ids) => ({ ids: [ids[0]!, ids[3]!] }), ['Sell', 'bake.again']],
      ['name', () => ({ name: 'Sell' }), ['bake', 'bake.again', 'clean']],
      ['names', () => ({ names: ['Sell', 'bake'] }), ['bake.again', 'clean']],
      ['notNames', () => ({ notNames: ['Sell'] }), ['Sell']],
      ['data', () => ({ data: { loaf: { grams: 750 } } }), ['Sell', 'bake', 'clean']],
      ['name and data together', () => ({ name: 'bake', data: { shop: 2 } }), ['Sell', 'bake', 'bake.again', 'clean']],
      ['an id that is none', () => ({ id: 'x' }), ['Sell', 'bake', 'bake.again', 'clean']],
      ['nothing: keeps all', () => ({}), ['Sell', 'bake', 'bake.again', 'clean']],
    ];

  test.each(cases)('by %s', async (_name, optionsOf, left) => {
    const { repository, ids } = await fourJobs(getDatabase());
    expect(await repository.removeJobs(optionsOf(ids))).toBe(4 - left.length);
    expect((await repository.queryJobs({ sort: { name: 'asc' } })).jobs.map(({ name }) => name)).toEqual(left);
  });

  test('purgeAllJobs leaves none', async () => {
    const { repository } = await fourJobs(getDatabase());
    expect(await repository.purgeAllJobs()).toBe(4);
    expect((await repository.queryJobs()).total).toBe(0);
  });
}
