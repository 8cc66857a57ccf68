import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { backUp, restore } from './backup.ts';
import { startMongoServer } from './server.ts';
import { connectBare } from './testing.ts';
import { socketPathFor } from './socket-path.ts';

let folder: string;
const dirOf = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-backup-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Two collections that are always written together: a copy in which they differ is of no moment. */
async function withWriters(run: (acknowledged: () => number) => Promise<void>): Promise<void> {
  const server = await startMongoServer({ dir: dirOf('data') });
  await using client = await connectBare(socketPathFor(dirOf('data')));
  await client.ask({ createIndexes: 'things', indexes: [{ key: { n: 1 }, name: 'n_1', unique: true }] });
  let written = 0;
  const over = new AbortController();
  const writing = (async () => {
    for (; !over.signal.aborted; written++) {
      const documents = [
        { _id: `${written}a`, n: written, text: 'x'.repeat(500) },
        { _id: `${written}b`, n: -1 - written },
      ];
      await client.ask({ insert: 'things', documents });
    }
  })();
  try {
    await run(() => written);
  } finally {
    over.abort();
    await writing;
    await server.close();
  }
}

async function readBack(dir: string): Promise<number[]> {
  const server = await startMongoServer({ dir });
  await using client = await connectBare(socketPathFor(dir));
  const answer = await client.ask({ find: 'things', sort: { n: 1 }, batchSize: 1_000_000 });
  await server.close();
  return (answer['cursor'] as { firstBatch: { n: number }[] }).firstBatch.map(({ n }) => n);
}

test('a copy that is written while others write holds whole writes up to a moment, and is read back', async () => {
  let acknowledged = 0;
  await withWriters(async (count) => {
    while (count() < 50) await new Promise((resolve) => setImmediate(resolve));
    acknowledged = count();
    backUp(dirOf('data'), dirOf('copy'));
    while (count() < acknowledged + 50) await new Promise((resolve) => setImmediate(resolve));
    backUp(dirOf('data'), dirOf('later'));
  });
  expect(statSync(join(dirOf('copy'), 'mongo.sqlite')).mode & 0o077).toBe(0);

  restore(dirOf('copy'), dirOf('restored'));
  restore(dirOf('later'), dirOf('restored-later'));

  const numbers = await readBack(dirOf('restored'));
  const half = numbers.length / 2;
  expect(half).toBeGreaterThanOrEqual(acknowledged);
  expect(numbers).toEqual(Array.from({ length: 2 * half }, (_, at) => at - half));
  expect((await readBack(dirOf('restored-later'))).length).toBeGreaterThan(numbers.length);
});

test('a restore is refused into a folder with data, into one that is served, and of what is no whole copy', async () => {
  await withWriters(async () => {
    backUp(dirOf('data'), dirOf('copy'));
    expect(() => restore(dirOf('copy'), dirOf('data'))).toThrow(/another server/);
  });
  expect(() => restore(dirOf('copy'), dirOf('data'))).toThrow(/holds data already/);
  expect(() => restore(dirOf('nowhere'), dirOf('new'))).toThrow(/there is no/);

  writeFileSync(join(dirOf('copy'), 'mongo.sqlite'), 'this is no database, but a text of some length '.repeat(50));
  expect(() => restore(dirOf('copy'), dirOf('new'))).toThrow(/not a database/);

  rmSync(join(dirOf('copy'), 'mongo.sqlite'));
  backUp(dirOf('data'), dirOf('copy'));
  const sqlite = new DatabaseSync(join(dirOf('copy'), 'mongo.sqlite'));
  sqlite.exec('PRAGMA user_version = 99');
  sqlite.close();
  expect(() => restore(dirOf('copy'), dirOf('new'))).toThrow(/format 99/);
});
