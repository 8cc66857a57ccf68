import { describe, expect, test } from '@jest/globals';
import type { MongoBackend } from '@agendajs/mongo-backend';
import type { JobLogEntry, JobLogQuery } from 'agenda';
import { aJob, aRepository, earlier, future, past } from './agenda-query-suite.ts';
import type { TestDatabase } from './testing-mongoose.ts';

type GetDatabase = () => TestDatabase;

/** What of MongoBackend's repository locks, and its log, one group a method. */
export function lockSuite(getDatabase: GetDatabase) {
  describe('lockJob, unlockJob, unlockJobs', () => lockCases(getDatabase));
  describe('getNextJobToRun', () => nextJobCases(getDatabase));
  describe('the log of jobs', () => logCases(getDatabase));
}

function lockCases(getDatabase: GetDatabase) {
  test('a job is locked once, and again after it was unlocked', async () => {
    const { repository } = await aRepository(getDatabase());
    const saved = await repository.saveJob(aJob(), undefined);
    const attempts = await Promise.all(
      Array.from({ length: 20 }, (_, n) => repository.lockJob(saved, { lastModifiedBy: `w${n}` })),
    );
    expect(attempts.filter((locked) => locked !== undefined)).toHaveLength(1);
    await repository.unlockJob(saved);
    expect((await repository.getJobById(String(saved._id)))?.lockedAt).toBeUndefined();
    expect((await repository.lockJob(saved, undefined))?.lockedAt).toBeInstanceOf(Date);
  });

  test('a job of another time, disabled or unsaved is not locked', async () => {
    const { repository } = await aRepository(getDatabase());
    const saved = await repository.saveJob(aJob(), undefined);
    expect(await repository.lockJob({ ...saved, nextRunAt: future }, undefined)).toBeUndefined();
    expect(await repository.lockJob(aJob(), undefined)).toBeUndefined();
    await repository.disableJobs({ name: 'bake' });
    expect(await repository.lockJob(saved, undefined)).toBeUndefined();
  });

  test('unlockJob leaves the lock of a job that runs, unlockJobs takes it', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    const running = await repository.saveJob(aJob({ nextRunAt: null, lockedAt: past }), undefined);
    const waiting = await repository.saveJob(aJob({ lockedAt: past }), undefined);
    await repository.unlockJob(running);
    expect(await jobs.countDocuments({ lockedAt: { $ne: null } })).toBe(2);
    await repository.unlockJobs([]);
    await repository.unlockJobs([running._id!, waiting._id!]);
    expect(await jobs.countDocuments({ lockedAt: { $exists: true } })).toBe(0);
  });
}

const next = (repository: MongoBackend['repository']) =>
  repository.getNextJobToRun('bake', new Date(Date.now() + 5_000), earlier, undefined, { lastModifiedBy: 'oven' });

function nextJobCases(getDatabase: GetDatabase) {
  test('gives the earliest, of one time the most urgent, each once, and locks it', async () => {
    const { repository } = await aRepository(getDatabase());
    for (const [priority, nextRunAt] of [[0, past], [10, past], [20, new Date()], [0, earlier]] as const)
      await repository.saveJob(aJob({ priority, nextRunAt }), undefined); // prettier-ignore
    const order = [await next(repository), await next(repository), await next(repository), await next(repository)];
    expect(order.map((job) => job?.priority)).toEqual([0, 10, 0, 20]);
    expect(order[0]).toMatchObject({ lockedAt: expect.any(Date), lastModifiedBy: 'oven' });
    expect(await next(repository)).toBeUndefined();
  });

  test('gives a job whose lock has expired, and none that is disabled, later, locked or of another name', async () => {
    const { repository } = await aRepository(getDatabase());
    for (const fields of [
      { disabled: true },
      { nextRunAt: future },
      { lockedAt: past },
      { name: 'sell' },
      { nextRunAt: null },
    ])
      await repository.saveJob(aJob(fields), undefined);
    expect(await next(repository)).toBeUndefined();
    const crashed = await repository.saveJob(
      aJob({ lockedAt: new Date(Number(earlier) - 1), nextRunAt: null }),
      undefined,
    );
    expect((await next(repository))?._id).toEqual(crashed._id);
    expect(await next(repository)).toBeUndefined();
  });

  test('gives each of 150 jobs to one of twenty who ask at once', async () => {
    const { repository, jobs } = await aRepository(getDatabase());
    await jobs.insertMany(Array.from({ length: 150 }, () => aJob()));
    const taken: string[] = [];
    const take = async () => {
      for (let job = await next(repository); job; job = await next(repository)) taken.push(String(job._id));
    };
    await Promise.all(Array.from({ length: 20 }, take));
    expect(taken).toHaveLength(150);
    expect(new Set(taken).size).toBe(150);
  });
}

const entry = (fields: Partial<JobLogEntry>): Omit<JobLogEntry, '_id'> => ({
  timestamp: past,
  level: 'info',
  event: 'success',
  jobName: 'bake',
  jobId: '1',
  message: 'done',
  ...fields,
});

function logCases(getDatabase: GetDatabase) {
  const cases: [string, JobLogQuery, messages: string[], total?: number][] = [
    ['nothing: the latest first', {}, ['c', 'b', 'a']],
    ['sort', { sort: 'asc' }, ['a', 'b', 'c']],
    ['jobId', { jobId: '2' }, ['b']],
    ['jobName', { jobName: 'sell' }, ['c']],
    ['level', { level: 'error' }, ['b']],
    ['levels', { level: ['error', 'debug'] }, ['c', 'b']],
    ['event', { event: 'fail' }, ['b']],
    ['events', { event: ['fail', 'success'] }, ['b', 'a']],
    ['from', { from: past }, ['c', 'b']],
    ['to', { to: past }, ['b', 'a']],
    ['from and to', { from: past, to: past }, ['b']],
    ['limit and offset', { limit: 1, offset: 1 }, ['b'], 3],
  ];

  test.each(cases)('getLogs by %s', async (_name, query, messages, total = messages.length) => {
    const { logger } = await aRepository(getDatabase());
    await logger.log(entry({ timestamp: earlier, message: 'a' }));
    await logger.log(
      entry({ message: 'b', jobId: '2', level: 'error', event: 'fail', error: 'no flour', meta: { x: 1 } }),
    );
    await logger.log(entry({ timestamp: future, message: 'c', jobName: 'sell', level: 'debug', event: 'locked' }));
    const found = await logger.getLogs(query);
    expect(found.entries.map(({ message }) => message)).toEqual(messages);
    expect(found.total).toBe(total);
  });

  test('clearLogs removes what it is asked for', async () => {
    const { logger } = await aRepository(getDatabase());
    for (const level of ['info', 'error', 'error'] as const) await logger.log(entry({ level }));
    expect(await logger.clearLogs({ level: 'error' })).toBe(2);
    expect(await logger.clearLogs()).toBe(1);
  });
}
