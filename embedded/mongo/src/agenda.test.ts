import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import mongoose from 'mongoose';
import { type MongoServer, startMongoServer } from './server.ts';

let server: MongoServer;
let connection: mongoose.Connection;

beforeAll(async () => {
  server = await startMongoServer({ memory: true });
  connection = await mongoose.createConnection(server.uri, { dbName: 'jobs' }).asPromise();
});

afterAll(async () => {
  await connection.close();
  await server.close();
});

/** Agenda keeps a timer of half a lock's lifetime after each run, stopped or not, and with it the process. */
const options = { lockLifetime: 1_000 };

async function anAgenda(collection: string): Promise<Agenda> {
  const { db } = connection;
  if (!db) throw new Error('not connected');
  const agenda = new Agenda({ backend: new MongoBackend({ mongo: db, collection }), processEvery: 20 });
  agenda.on('error', (error: unknown) => {
    throw error;
  });
  return agenda;
}

test('of two agendas on one database each job runs on one, once', async () => {
  const agendas = await Promise.all([anAgenda('once'), anAgenda('once')]);
  const runs: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const agenda of agendas) {
    agenda.define<{ name: string }>(
      'greet',
      (job) => {
        runs.push(job.attrs.data.name);
        if (runs.length === 40) resolve();
      },
      options,
    );
    await agenda.start();
  }
  const names = Array.from({ length: 40 }, (_, n) => `guest ${n}`);
  for (const [n, name] of names.entries()) await agendas[n % 2]?.now('greet', { name });
  await promise;
  await Promise.all(agendas.map((agenda) => agenda.stop()));
  expect(runs.sort()).toEqual(names.sort());
});

test('a repeating job runs again and again, and stands in the database once', async () => {
  const agenda = await anAgenda('repeat');
  let runs = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  agenda.define(
    'tick',
    () => {
      if (++runs === 3) resolve();
    },
    options,
  );
  await agenda.start();
  await agenda.every(30, 'tick');
  await agenda.every(30, 'tick');
  await promise;
  await agenda.stop();
  expect(await connection.db?.collection('repeat').countDocuments({ name: 'tick' })).toBe(1);
});

test('a job that fails is recorded as failed', async () => {
  const agenda = await anAgenda('fail');
  agenda.define(
    'break',
    () => {
      throw new Error('no flour');
    },
    options,
  );
  const failed = once(agenda, 'fail:break');
  await agenda.start();
  await agenda.now('break', {});
  await failed;
  await agenda.drain();
  expect(await connection.db?.collection('fail').findOne({ name: 'break' })).toMatchObject({
    failReason: 'no flour',
    failCount: 1,
  });
});
