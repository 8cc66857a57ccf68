import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BareClient, connectBare, startServerProcess } from '@chatbusiness/embedded-mongo/testing';
import Table from 'cli-table3';
import { BSON } from 'mongodb';

/**
 * What the embedded database costs, in ratios of one run. `--documents N` (100,000), `--json` prints the result as the last line.
 * Exit 1 if a target is missed.
 */
const { values: options } = parseArgs({
  options: { documents: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } },
});
const DOCUMENTS = Number(options.documents);
const ROUNDS = 20;
const LOOKUPS = 200;
const CLIENTS = 50;
const INSERTS = 40;
const LOOKUP_EVERY_MS = 2;

interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
  readonly met: boolean;
}

await using opened = new AsyncDisposableStack();
const folder = mkdtempSync(path.join(tmpdir(), 'bench-mongo-'));
opened.defer(() => rmSync(folder, { recursive: true, force: true }));
const server = await startServerProcess(path.join(folder, 'durable'));
opened.defer(() => server.kill());
const client = opened.use(await connectBare(server.socketPath));
await fill(client);

const measures = [...(await measureLookups()), await measureInserts(), ...(await measureReport())];
report(measures);

function documentOf(id: number) {
  return { _id: id, key: `k${id}`, group: id % 50, amount: (id * 7) % 1_000, text: 'lorem ipsum '.repeat(75) };
}

async function fill(into: BareClient): Promise<void> {
  for (let from = 0; from < DOCUMENTS; from += 1_000) {
    const documents = Array.from({ length: Math.min(1_000, DOCUMENTS - from) }, (_, at) => documentOf(from + at));
    await into.ask({ insert: 'things', documents });
  }
  await into.ask({ createIndexes: 'things', indexes: [{ key: { key: 1 }, name: 'key_1' }] });
}

/** Interleaved, so that what else the machine does falls on all of them; the median of the rounds counts. */
async function measureLookups(): Promise<Measure[]> {
  const raw = openRaw();
  const ways = {
    byId: () => client.ask({ find: 'things', filter: { _id: randomId() }, limit: 1, singleBatch: true }),
    byKey: () => client.ask({ find: 'things', filter: { key: `k${randomId()}` }, limit: 1, singleBatch: true }),
    ping: () => client.ask({ ping: 1 }),
    raw: async () => raw.find(randomId()),
  };
  const tookMs: Record<keyof typeof ways, number[]> = { byId: [], byKey: [], ping: [], raw: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, look] of Object.entries(ways) as [keyof typeof ways, () => Promise<unknown>][]) {
      const start = performance.now();
      for (let n = 0; n < LOOKUPS; n++) await look();
      tookMs[name].push((performance.now() - start) / LOOKUPS);
    }
  }
  raw.close();
  const floorMs = median(tookMs.ping) + median(tookMs.raw);
  return [
    atMost('findOne by an indexed field / findById', median(tookMs.byKey) / median(tookMs.byId), 1.5),
    atMost('findById / (bare round trip + SQLite + BSON)', median(tookMs.byId) / floorMs, 3),
  ];
}

/** The least that any such database does: the row by its key, and its bytes as a document. */
function openRaw() {
  const sqlite = new DatabaseSync(path.join(folder, 'raw.sqlite'));
  sqlite.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE things (id INTEGER PRIMARY KEY, doc BLOB NOT NULL) STRICT; BEGIN',
  );
  const insert = sqlite.prepare('INSERT INTO things (id, doc) VALUES (?, ?)');
  for (let id = 0; id < DOCUMENTS; id++) insert.run(id, BSON.serialize(documentOf(id)));
  sqlite.exec('COMMIT');
  const select = sqlite.prepare('SELECT doc FROM things WHERE id = ?');
  return {
    find: (id: number) => BSON.deserialize(select.get(id)?.['doc'] as Uint8Array),
    close: () => sqlite.close(),
  };
}

/** The same by a server that doesn't wait for the disk, in turns. */
async function measureInserts(): Promise<Measure & { commitsPerWrite: number }> {
  const careless = await startServerProcess(path.join(folder, 'careless'), ['--not-durable']);
  const perSecond = { durable: [] as number[], careless: [] as number[] };
  const before = await durabilityOf(client);
  for (let round = 0; round < 5; round++) {
    perSecond.durable.push(await insertByMany(server.socketPath));
    perSecond.careless.push(await insertByMany(careless.socketPath));
  }
  const after = await durabilityOf(client);
  await careless.kill();
  const ratio = median(perSecond.durable) / median(perSecond.careless);
  const commitsPerWrite = (after.commits - before.commits) / (after.writes - before.writes);
  const name = `durable inserts by ${CLIENTS} clients / not durable (${commitsPerWrite.toFixed(2)} commits a write)`;
  return { name, value: ratio, unit: 'x', target: '>= 0.6', met: ratio >= 0.6, commitsPerWrite };
}

async function insertByMany(socketPath: string): Promise<number> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectBare(socketPath)));
  const start = performance.now();
  await Promise.all(
    clients.map(async (each) => {
      for (let n = 0; n < INSERTS; n++) {
        const { _id: _, ...document } = documentOf(n);
        await each.ask({ insert: 'inserted', documents: [document] });
      }
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  for (const each of clients) await each[Symbol.asyncDispose]();
  return (CLIENTS * INSERTS) / seconds;
}

async function durabilityOf(from: BareClient): Promise<{ writes: number; commits: number }> {
  return (await from.ask({ serverStatus: 1 }))['durability'] as { writes: number; commits: number };
}

/** A group over everything, and lookups by somebody else while it runs. */
async function measureReport(): Promise<Measure[]> {
  await using other = await connectBare(server.socketPath);
  const pipeline = [
    { $match: { amount: { $gte: 0 } } },
    { $group: { _id: '$group', total: { $sum: '$amount' }, n: { $sum: 1 } } },
  ];
  const ended = new AbortController();
  const start = performance.now();
  const running = other.ask({ aggregate: 'things', pipeline, cursor: {} }).then((answer) => {
    ended.abort();
    const { firstBatch } = answer['cursor'] as { firstBatch: { n: number }[] };
    if (firstBatch.reduce((sum, { n }) => sum + n, 0) !== DOCUMENTS) throw new Error('the group missed documents');
    return (performance.now() - start) / 1_000;
  });
  const tookMs: number[] = [];
  while (!ended.signal.aborted) {
    const from = performance.now();
    await client.ask({ find: 'things', filter: { _id: randomId() }, limit: 1, singleBatch: true });
    tookMs.push(performance.now() - from);
    // Some hundred lookups a second, as many visitors would cause: a loop without a pause would be a second load, not a measure.
    await delay(LOOKUP_EVERY_MS);
  }
  const seconds = await running;
  const p99 = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? Infinity;
  return [
    { ...atMost(`$match + $group over ${DOCUMENTS} documents`, seconds, 3), unit: 's' },
    { ...atMost(`p99 of findById meanwhile (${tookMs.length} lookups)`, p99, 20), unit: 'ms' },
  ];
}

function randomId(): number {
  return Math.floor(Math.random() * DOCUMENTS);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function atMost(name: string, value: number, limit: number): Measure {
  return { name, value, unit: 'x', target: `<= ${limit}`, met: value <= limit };
}

function report(all: readonly Measure[]): void {
  const table = new Table({ head: ['', 'measured', 'target', 'met'] });
  for (const { name, value, unit, target, met } of all) {
    table.push([name, `${value.toFixed(2)} ${unit}`, target, met ? 'yes' : 'no']);
  }
  process.stdout.write(`${table.toString()}\n`);
  const met = all.every((each) => each.met);
  const results = Object.fromEntries(all.map(({ name, value }) => [name, value]));
  const targets = Object.fromEntries(all.map(({ name, target }) => [name, target]));
  process.stdout.write(
    options.json ? `${JSON.stringify({ name: 'bench:mongo', results, targets, met })}\n` : `met: ${met}\n`,
  );
  if (!met) process.exitCode = 1;
}
