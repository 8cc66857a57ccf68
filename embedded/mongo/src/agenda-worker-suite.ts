import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type AgendaOptions, type Job } from 'agenda';
import { MongoClient } from 'mongodb';
import { until, type TestDatabase } from './testing-mongoose.ts';

type GetDatabase = () => TestDatabase;

/**
 * Longer than a busy machine stands still: a lock that runs out in mid-run is an error of Agenda's. It keeps a timer of half that
 * time after each run, stopped or not, and with it the process.
 */
const defaultLockLifetime = 10_000;
/** Of the cases in which locks do run out. */
const lockLifetime = 2_000;

/** An agenda that stops at the end of its block; an error that it reports fails the test. */
export function anAgenda(database: TestDatabase, collection: string, options: Partial<AgendaOptions> = {}) {
  const backend = new MongoBackend({ mongo: database.db, collection, logCollection: `${collection}_logs` });
  const agenda = new Agenda({ backend, processEvery: 20, defaultLockLifetime, ...options });
  const errors: Error[] = [];
  agenda.on('error', (error) => errors.push(error));
  return Object.assign(agenda, {
    errors,
    async [Symbol.asyncDispose]() {
      await agenda.drain();
      expect(errors).toEqual([]);
    },
  });
}

export function define<Data>(
  agenda: Agenda,
  kind: string,
  run: (job: Job<Data>) => unknown,
  options: Parameters<Agenda['define']>[2] = {},
) {
  // Agenda's type says void, but it awaits what the processor returns.
  agenda.define<Data>(kind, run, options);
}

/**
 * Agenda itself on the backend: who runs what, how many at once, under which locks.
 * @param jobCount how many jobs two agendas share.
 */
export function workerSuite(getDatabase: GetDatabase, jobCount: number) {
  describe('order and limits', () => limitCases(getDatabase));
  describe('locks', () => lockCases(getDatabase));
  describe('several at once', () => manyCases(getDatabase, jobCount));
}

function limitCases(getDatabase: GetDatabase) {
  test('priority: of jobs due at the same time the most urgent runs first', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    const ran: string[] = [];
    define<string>(agenda, 'bake', async (job) => void ran.push(job.attrs.data), { concurrency: 1 });
    const due = new Date(Date.now() - 1_000);
    for (const priority of ['low', 'highest', 'normal', 'lowest', 'high'] as const)
      await agenda.create('bake', priority).schedule(due).priority(priority).save();
    await agenda.start();
    await until(() => ran.length === 5);
    expect(ran).toEqual(['highest', 'high', 'normal', 'low', 'lowest']);
  });

  test.each([
    ['concurrency: of one kind', { concurrency: 2 }, {}],
    ['maxConcurrency: of all kinds', { concurrency: 5 }, { maxConcurrency: 2 }],
    ['defaultConcurrency: of a kind that says nothing', {}, { defaultConcurrency: 2 }],
  ])('%s, two run at once, never three', async (_name, definition, options) => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name, options);
    const both = Promise.withResolvers<void>();
    const seen: number[] = [];
    let running = 0;
    const bake = async () => {
      seen.push(++running);
      if (running === 2) both.resolve();
      await both.promise;
      await setImmediate();
      running--;
    };
    define(agenda, 'bake', bake, definition);
    for (let n = 0; n < 6; n++) await agenda.now('bake', {});
    await agenda.start();
    await until(() => seen.length === 6 && running === 0);
    expect(Math.max(...seen)).toBe(2);
  });

  test.each([
    ['lockLimit of a kind', { lockLimit: 2 }, {}],
    ['lockLimit of all', {}, { lockLimit: 2 }],
  ])('%s: no more are locked than it says', async (_name, definition, options) => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name, options);
    const locked: number[] = [];
    const bake = async () => {
      locked.push(await database.db.collection(name).countDocuments({ lockedAt: { $ne: null } }));
    };
    define(agenda, 'bake', bake, { concurrency: 1, ...definition });
    for (let n = 0; n < 5; n++) await agenda.now('bake', {});
    await agenda.start();
    await until(() => locked.length === 5);
    // Agenda takes the next one before it has stored that the last one ended.
    expect(Math.max(...locked)).toBeLessThanOrEqual(3);
  });
}

function lockCases(getDatabase: GetDatabase) {
  test('the job of a worker that crashed is taken over once its lock has expired, not before', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    const crashed = anAgenda(database, name, { defaultLockLifetime: lockLifetime });
    const started = Promise.withResolvers<Date>();
    const never = Promise.withResolvers<void>();
    define(crashed, 'bake', async (job) => {
      started.resolve(job.attrs.lockedAt!);
      await never.promise;
    });
    await crashed.start();
    const job = await crashed.now('bake', {});
    const lockedAt = await started.promise;
    await crashed.stop();

    await using heir = anAgenda(database, name, { defaultLockLifetime: lockLifetime });
    const inherited = Promise.withResolvers<{ job: Job; at: number }>();
    define(heir, 'bake', async (taken) => inherited.resolve({ job: taken, at: Date.now() }));
    await heir.start();
    const taken = await inherited.promise;
    expect(taken.job.attrs._id).toEqual(job.attrs._id);
    expect(taken.at - Number(lockedAt)).toBeGreaterThanOrEqual(lockLifetime);
    never.resolve();
  });

  test('touch: a job that says it lives is not taken over', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name, { defaultLockLifetime: lockLifetime });
    await using other = anAgenda(database, name, { defaultLockLifetime: lockLifetime });
    let runs = 0;
    const bake = async (job: Job) => {
      runs++;
      const end = Date.now() + 1.3 * lockLifetime;
      await until(async () => {
        await job.touch(50);
        return Date.now() > end;
      });
    };
    for (const each of [agenda, other]) {
      define(each, 'bake', bake);
      await each.start();
    }
    await agenda.now('bake', {});
    const [done] = await Promise.race([once(agenda, 'complete:bake'), once(other, 'complete:bake')]);
    expect(runs).toBe(1);
    expect((done as Job).attrs.progress).toBe(50);
  });

  test('stop: what was locked and has not begun is free again', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    const [started, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const bake = async () => {
      started.resolve();
      await end.promise;
    };
    define(agenda, 'bake', bake, { concurrency: 1 });
    for (let n = 0; n < 3; n++) await agenda.now('bake', {});
    await agenda.start();
    await started.promise;
    const locked = () => database.db.collection(name).countDocuments({ lockedAt: { $ne: null } });
    await until(async () => (await locked()) === 3);
    await agenda.stop();
    expect(await locked()).toBe(1);
    end.resolve();
    await until(async () => (await locked()) === 0);
  });
}

function manyCases(getDatabase: GetDatabase, jobCount: number) {
  test(`of two agendas, each with a connection of its own, ${jobCount} jobs run, each once`, async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    // A job that waits in the memory of an agenda for longer than its lock lives may run twice, on any database: few wait here.
    const options = { lockLimit: 20, processEvery: 100 };
    await using client = await MongoClient.connect(database.uri);
    const backend = new MongoBackend({ mongo: client.db(), collection: name });
    await using here = anAgenda(database, name, { ...options, name: 'here' });
    await using there = anAgenda(database, name, { ...options, name: 'there', backend });
    const kinds = Array.from({ length: 10 }, (_, n) => `bake ${n}`);
    const runs: number[] = [];
    const all = Promise.withResolvers<void>();
    const run = async ({ attrs }: Job<number>) => {
      if (runs.push(attrs.data) === jobCount) all.resolve();
    };
    for (const agenda of [here, there]) for (const kind of kinds) define<number>(agenda, kind, run);
    const numbers = Array.from({ length: jobCount }, (_, n) => n);
    await Promise.all(numbers.map((n) => (n % 2 ? here : there).now(kinds[n % 10]!, n)));
    await Promise.all([here.start(), there.start()]);
    await all.promise;
    await Promise.all([here.drain(), there.drain()]);
    expect((await here.queryJobs({ state: 'completed' })).total).toBe(jobCount);
    expect(runs.sort((left, right) => left - right)).toEqual(numbers);
    const workers = await database.db.collection(name).distinct('lastModifiedBy');
    expect(workers).toEqual(['here', 'there']);
  });
}
