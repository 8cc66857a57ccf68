import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { replyTo } from './commands/reply.ts';
import { openReadingEngine } from './engine.ts';
import type { ReaderMessage } from './reader.ts';

/** Answers reads on a connection of its own, each in one transaction: what others write meanwhile is not seen by halves. */
const { database, catalog, ...engine } = openReadingEngine(String(workerData));
let seenVersion = -1;

async function answer(message: Uint8Array): Promise<Uint8Array> {
  database.execute('BEGIN');
  try {
    // The transaction sees what is committed by its first read, and so must the version.
    database.prepare('SELECT 1 FROM collections LIMIT 1').get();
    const version = database.dataVersion();
    // Collections, indexes and their flags are kept in memory, and others change them.
    if (version !== seenVersion) catalog.reload();
    seenVersion = version;
    const reply = await replyTo({ ...engine, database, catalog }, Buffer.from(message));
    // A small Buffer is a part of a pool that others use.
    return new Uint8Array(reply ?? []);
  } finally {
    engine.cursors.closeIdle();
    database.execute('COMMIT');
  }
}

if (parentPort === null) throw new Error('this is a worker’s script');
for await (const [{ id, message }] of on(parentPort, 'message') as AsyncIterable<[ReaderMessage]>) {
  const reply = await answer(message);
  parentPort.postMessage({ id, message: reply } satisfies ReaderMessage, [reply.buffer as ArrayBuffer]);
}
