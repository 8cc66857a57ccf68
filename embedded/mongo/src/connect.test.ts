import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { connectEmbeddedMongo, type EmbeddedMongo } from './connect.ts';

let cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
  cleanups = [];
});

async function aFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-test-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function connectIn(dir: string): Promise<EmbeddedMongo> {
  const embedded = await connectEmbeddedMongo({ dir, idleExitMs: 100 });
  cleanups.push(async () => {
    const pid = embedded.pid();
    await embedded.close();
    if (pid) await untilGone(pid);
  });
  return embedded;
}

async function untilGone(pid: number) {
  await until(() => !isRunning(pid));
}

async function until(isTrue: () => boolean | Promise<boolean>) {
  const deadlineMs = performance.now() + 10_000;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error('it did not come true within 10 s');
    await delay(10);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('two that connect at once share one server, which is gone after its last client', async () => {
  const dir = await aFolder();
  const [one, other] = await Promise.all([connectIn(dir), connectIn(dir)]);
  const pid = one.pid() ?? 0;
  expect(other.pid()).toBe(pid);
  await one.close();
  const client = await MongoClient.connect(other.uri);
  await other.close();
  expect(await client.db('test').command({ ping: 1 })).toEqual({ ok: 1 });
  await client.close();
  await untilGone(pid);
});

test('the files of the data folder and the socket are for their owner only', async () => {
  const dir = await aFolder();
  await connectIn(dir);
  for (const file of ['mongo.sqlite', 'mongo.sock', 'mongo.lock', 'mongo.log']) {
    expect((await stat(join(dir, file))).mode & 0o077).toBe(0);
  }
});

test('a data folder with a long path is served all the same', async () => {
  const dir = join(await aFolder(), 'long'.repeat(30), 'deep'.repeat(30));
  const embedded = await connectIn(dir);
  const client = await MongoClient.connect(embedded.uriFor('shop'));
  expect(client.db().databaseName).toBe('shop');
  await client.close();
});

test('a data folder of a newer format fails with the words of the server', async () => {
  const dir = await aFolder();
  const newer = new DatabaseSync(join(dir, 'mongo.sqlite'));
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  await expect(connectEmbeddedMongo({ dir })).rejects.toThrow(/format 99; this program reads formats up to 1/);
});

test('after kill -9 another server takes over and the same mongoose connection goes on', async () => {
  const embedded = await connectIn(await aFolder());
  const connection = await mongoose.createConnection(embedded.uri, { dbName: 'shop' }).asPromise();
  cleanups.push(() => connection.close());
  const Product = connection.model(
    'Product',
    new mongoose.Schema({ sku: { type: String, unique: true }, price: Number }),
  );
  await Product.init();
  await Product.create({ sku: 'LOAF', price: 3 });
  const killed = embedded.pid() ?? 0;

  process.kill(killed, 'SIGKILL');
  await until(() => embedded.pid() !== undefined && embedded.pid() !== killed);

  await until(() => Product.findOne({ sku: 'LOAF' }).then((found) => found?.price === 3, () => false)); // prettier-ignore
  await Product.updateOne({ sku: 'LOAF' }, { price: 4 });
  expect(await Product.findOne({ sku: 'LOAF' }).lean()).toMatchObject({ price: 4 });
  await expect(Product.create({ sku: 'LOAF' })).rejects.toMatchObject({ code: 11000 });
});
