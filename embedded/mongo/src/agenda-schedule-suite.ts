import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { backoffStrategies, InMemoryNotificationChannel } from 'agenda';
import { anAgenda, define } from './agenda-worker-suite.ts';
import { until, type TestDatabase } from './testing-mongoose.ts';

type GetDatabase = () => TestDatabase;

/** Agenda itself on the backend: when jobs run, what becomes of them, who hears of it. */
export function scheduleSuite(getDatabase: GetDatabase) {
  describe('times', () => {
    repeatCases(getDatabase);
    scheduleCases(getDatabase);
  });
  describe('outcomes', () => outcomeCases(getDatabase));
  describe('notifications', () => notificationCases(getDatabase));
}

function repeatCases(getDatabase: GetDatabase) {
  test('every: runs again and again, and stands in the database once', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    let runs = 0;
    define(agenda, 'tick', async () => void runs++);
    await agenda.start();
    await Promise.all([agenda.every(30, 'tick'), agenda.every(30, 'tick'), agenda.every(30, 'tick')]);
    await until(() => runs >= 3);
    expect(await database.db.collection(name).countDocuments({ name: 'tick' })).toBe(1);
  });

  test.each(['Europe/Zurich', 'America/Los_Angeles'])(
    'every with cron in %s: the next run is at nine there',
    async (timezone) => {
      const [database, name] = [getDatabase(), getDatabase().freshName()];
      await using agenda = anAgenda(database, name);
      await agenda.every('0 9 * * *', 'open', { shop: 1 }, { timezone });
      const [job] = (await agenda.queryJobs({ state: 'repeating' })).jobs;
      const local = job?.nextRunAt?.toLocaleString('en-GB', { timeZone: timezone, hour: 'numeric', minute: 'numeric' });
      expect(local).toBe('09:00');
      expect(job).toMatchObject({
        repeatInterval: '0 9 * * *',
        repeatTimezone: timezone,
        data: { shop: 1 },
        type: 'single',
      });
    },
  );

  test('every: a changed interval is stored, dates bound it, and a list makes a job each', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    await agenda.every('1 hour', ['bake', 'sell']);
    const startDate = new Date(Date.now() + 86_400_000);
    await agenda.every('2 hours', 'bake', undefined, { startDate, skipImmediate: true });
    const { jobs } = await agenda.queryJobs({ sort: { name: 'asc' } });
    expect(jobs).toMatchObject([
      { name: 'bake', repeatInterval: '2 hours', startDate },
      { name: 'sell', repeatInterval: '1 hour' },
    ]);
    expect(Number(jobs[0]?.nextRunAt)).toBeGreaterThanOrEqual(Number(startDate));
  });
}

function scheduleCases(getDatabase: GetDatabase) {
  test('schedule: waits for its time, in words or as a date, then runs once', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    const ranAt: number[] = [];
    define(agenda, 'bake', async () => void ranAt.push(Date.now()));
    await agenda.start();
    await agenda.schedule('in 2 hours', 'bake', {});
    const at = new Date(Date.now() + 150);
    await agenda.schedule(at, 'bake', {});
    await until(() => ranAt.length > 0);
    expect(ranAt[0]).toBeGreaterThanOrEqual(Number(at));
    expect((await agenda.queryJobs({ state: 'scheduled' })).total).toBe(1);
  });

  test('unique and nowDebounced: many calls, one job', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    for (let n = 0; n < 10; n++) {
      await agenda.create('bake', { shop: 1, n }).unique({ 'data.shop': 1 }).schedule('in 1 hour').save();
      await agenda.nowDebounced('sell', { shop: 1, n }, { 'data.shop': 1 }, 60_000);
    }
    const { jobs } = await agenda.queryJobs({ sort: { name: 'asc' } });
    expect(jobs).toMatchObject([
      { name: 'bake', data: { n: 9 } },
      { name: 'sell', data: { n: 9 } },
    ]);
  });

  test('disable, enable: a job that is off waits until it is on again', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    const ran: string[] = [];
    for (const kind of ['off', 'on']) define(agenda, kind, async (job) => void ran.push(job.attrs.name));
    await agenda.now('off', {});
    expect(await agenda.disable({ name: 'off' })).toBe(1);
    await agenda.start();
    await agenda.now('on', {});
    await until(() => ran.includes('on'));
    expect(ran).toEqual(['on']);
    expect(await agenda.enable({ name: 'off' })).toBe(1);
    await until(() => ran.includes('off'));
  });

  test('cancel, purge, cancelAll: what is removed does not run', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    for (const kind of ['bake', 'sell', 'unknown', 'unknown']) await agenda.schedule('in 1 hour', kind, { kind });
    define(agenda, 'bake', async () => {});
    define(agenda, 'sell', async () => {});
    expect(await agenda.cancel({ data: { kind: 'bake' } })).toBe(1);
    expect(await agenda.purge()).toBe(2);
    expect(await agenda.cancelAll()).toBe(1);
    const job = await agenda.schedule('in 1 hour', 'bake', {});
    expect(await job.remove()).toBe(1);
  });
}

function outcomeCases(getDatabase: GetDatabase) {
  test('a job that fails is recorded, with its reason, and is tried again as the backoff says', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    let attempts = 0;
    const bake = async () => {
      if (++attempts < 3) throw new Error('no flour');
    };
    define(agenda, 'bake', bake, { backoff: backoffStrategies.constant({ delay: 30, maxRetries: 5 }) });
    await agenda.start();
    const failed = once(agenda, 'fail:bake');
    const job = await agenda.now('bake', {});
    await failed;
    await once(agenda, 'success:bake');
    await agenda.drain();
    const stored = await agenda.db.getJobById(String(job.attrs._id));
    expect(stored).toMatchObject({ failReason: 'no flour', failCount: 0, nextRunAt: null });
    expect(attempts).toBe(3);
  });

  test('a job without retries stays failed, and with removeOnComplete a done one is gone', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name, { removeOnComplete: true });
    define(agenda, 'break', async () => {
      throw new Error('no flour');
    });
    define(agenda, 'bake', async () => {});
    await agenda.start();
    await Promise.all([agenda.now('break', {}), agenda.now('bake', {})]);
    const jobs = async () => (await agenda.queryJobs()).jobs.map(({ name: kind, state }) => [kind, state]);
    await until(async () => (await jobs()).join() === 'break,failed');
  });

  test('logging: each step is written to the log', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name, { logging: true, name: 'oven' });
    define(agenda, 'bake', async () => {});
    await agenda.start();
    await agenda.now('bake', {});
    await until(async () => (await agenda.getLogs()).total === 4);
    const { entries } = await agenda.getLogs({ jobName: 'bake' });
    expect(entries.map(({ event }) => event).sort()).toEqual(['complete', 'locked', 'start', 'success']);
    expect(entries[0]).toMatchObject({ agendaName: 'oven', jobName: 'bake' });
    expect(await agenda.clearLogs()).toBe(4);
  });

  test('getRunningStats counts what waits and runs', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    await using agenda = anAgenda(database, name);
    await agenda.start();
    await agenda.create('nobody-knows', {}).schedule(new Date(0)).save();
    expect(await agenda.getRunningStats()).toMatchObject({ totalQueueSizeDB: 1, backend: { name: 'MongoDB' } });
  });
}

function notificationCases(getDatabase: GetDatabase) {
  test('a job that is announced runs at once, however seldom the database is asked', async () => {
    const [database, name] = [getDatabase(), getDatabase().freshName()];
    const notificationChannel = new InMemoryNotificationChannel();
    await using agenda = anAgenda(database, name, {
      notificationChannel,
      processEvery: 2_000,
    });
    define(agenda, 'bake', async () => {});
    await agenda.start();
    const done = once(agenda, 'success:bake');
    await agenda.now('bake', {});
    await done;
  });
}
