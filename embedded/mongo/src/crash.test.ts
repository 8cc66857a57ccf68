import { createHash, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Document } from './document.ts';
import { type BareClient, connectBare, startServerProcess } from './testing.ts';

/** 200 of them take some minutes: `CRASH_ROUNDS=200 npm test -- crash`. */
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 30);
const CLIENTS = 6;
const COUNTERS = 3;

/** What the clients know: what was answered must be there, what was sent may be. */
interface Known {
  inserted: Map<number, string>;
  increments: { sent: number; acknowledged: number }[];
  sentTickets: number;
  tickets: number[];
  nextId: number;
}

test(
  `${ROUNDS} times kill -9 amid inserts, updates and findAndModify: what was acknowledged is there, whole, and indexes fit`,
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-crash-'));
    const known: Known = {
      inserted: new Map(),
      increments: Array.from({ length: COUNTERS }, () => ({ sent: 0, acknowledged: 0 })),
      sentTickets: 0,
      tickets: [],
      nextId: 0,
    };
    try {
      for (let round = 0; round < ROUNDS; round++) await crashOnce(dir, known);
      const server = await startServerProcess(dir);
      await check(server.socketPath, known);
      await server.kill();
      expect(known.inserted.size).toBeGreaterThan(ROUNDS * 4);
      expect(known.tickets.length).toBeGreaterThan(ROUNDS);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
  60_000 + ROUNDS * 4_000,
);

async function crashOnce(dir: string, known: Known): Promise<void> {
  const server = await startServerProcess(dir);
  await check(server.socketPath, known);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectBare(server.socketPath)));
  const killAfter = randomInt(1, 80);
  const acknowledged = Promise.withResolvers<void>();
  let answers = 0;
  const work = clients.map(async (client, place) => {
    try {
      for (;;) {
        await oneWrite(client, place, known);
        if (++answers === killAfter) acknowledged.resolve();
      }
    } catch {
      // The server is dead.
    }
  });
  await acknowledged.promise;
  await delay(randomInt(8));
  await server.kill();
  await Promise.all(work);
  requireIntegrity(dir);
}

async function oneWrite(client: BareClient, place: number, known: Known): Promise<void> {
  if (place < 2) {
    const counter = randomInt(COUNTERS);
    const count = known.increments[counter];
    if (count) count.sent++;
    const update = { q: { _id: counter }, u: { $inc: { n: 1 } }, upsert: true };
    const answer = await client.ask({ update: 'counters', updates: [update] });
    expect(answer).toMatchObject({ ok: 1, n: 1 });
    if (count) count.acknowledged++;
  } else if (place === 2) {
    known.sentTickets++;
    const answer = await client.ask({
      findAndModify: 'tickets',
      query: { _id: 'next' },
      update: { $inc: { n: 1 } },
      upsert: true,
      new: true,
    });
    known.tickets.push((answer['value'] as { n: number }).n);
  } else {
    await insertOne(client, known);
  }
}

/** Each key is tried twice, so that the unique index has something to refuse. */
async function insertOne(client: BareClient, known: Known): Promise<void> {
  const id = known.nextId++;
  const text = 'x'.repeat(randomInt(10, 3_000)) + id;
  const document = { _id: id, key: id >> 1, text, hash: hashOf(text) };
  const answer = await client.ask({ insert: 'things', documents: [document] });
  if (answer['n'] === 1) known.inserted.set(id, hashOf(text));
  else expect(answer).toMatchObject({ writeErrors: [{ code: 11000 }] });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

async function check(socketPath: string, known: Known): Promise<void> {
  await using client = await connectBare(socketPath);
  const indexes = [{ key: { key: 1 }, name: 'key_1', unique: true }];
  await client.ask({ createIndexes: 'things', indexes });
  const things = await readAll(client, { find: 'things' });
  const ids = new Set(things.map(({ _id }) => _id));
  expect([...known.inserted.keys()].filter((id) => !ids.has(id))).toEqual([]);
  expect(things.filter(({ text, hash }) => hashOf(String(text)) !== hash)).toEqual([]);
  const byKey = await readAll(client, { find: 'things', filter: { key: { $gte: 0 } }, sort: { key: 1 } });
  expect(byKey.map(({ key }) => key)).toEqual(
    [...new Set(things.map(({ key }) => key as number))].sort((a, b) => a - b),
  );
  expect(byKey).toHaveLength(things.length);

  for (const { _id, n } of await readAll(client, { find: 'counters' })) {
    const count = known.increments[_id as number];
    expect(n).toBeGreaterThanOrEqual(count?.acknowledged ?? 0);
    expect(n).toBeLessThanOrEqual(count?.sent ?? 0);
  }
  const [last] = await readAll(client, { find: 'tickets' });
  expect(new Set(known.tickets).size).toBe(known.tickets.length);
  expect((last?.['n'] as number | undefined) ?? 0).toBeGreaterThanOrEqual(Math.max(0, ...known.tickets));
  expect((last?.['n'] as number | undefined) ?? 0).toBeLessThanOrEqual(known.sentTickets);
}

async function readAll(client: BareClient, find: Document): Promise<Document[]> {
  const { cursor } = await client.ask({ ...find, batchSize: 1_000_000 });
  const { firstBatch, id } = cursor as { firstBatch: Document[]; id: unknown };
  expect(id).toBe(0);
  return firstBatch;
}

function requireIntegrity(dir: string): void {
  const sqlite = new DatabaseSync(join(dir, 'mongo.sqlite'), { readOnly: true });
  expect(sqlite.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  sqlite.close();
}
