import { setInterval } from 'node:timers';
import type { Collection } from './catalog.ts';
import type { Engine } from './engine.ts';
import type { Index } from './index-spec.ts';
import { readRecords } from './read.ts';

/** MongoDB looks every minute, too. */
export const defaultTtlIntervalMs = 60_000;
/** So many in one transaction: expiry must not hold up the others. */
const documentsPerPass = 1_000;

/** Removes the documents whose time has come by a TTL index, until the signal. */
async function expireDocuments(engine: Engine, now: Date, signal: AbortSignal): Promise<void> {
  for (const collection of engine.catalog.list()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds === undefined) continue;
      for (let removed = documentsPerPass; removed === documentsPerPass && !signal.aborted;) {
        removed = await engine.writes.run(() => removeExpired(engine, collection, index, now));
      }
    }
  }
}

function removeExpired(engine: Engine, { db, name }: Collection, index: Index, now: Date): number {
  const collection = engine.catalog.find(db, name);
  const [path = ''] = index.paths;
  if (!collection?.indexes.some(({ id }) => id === index.id)) return 0;
  const until = new Date(now.getTime() - (index.expireAfterSeconds ?? 0) * 1000);
  const filter = { $and: [{ [path]: { $lte: until } }, index.partial?.filter ?? {}] };
  const records = [...readRecords(engine.database, collection, { filter, limit: documentsPerPass })];
  for (const record of records) engine.records.remove(collection, record);
  return records.length;
}

/** Expires documents and forgets idle cursors from time to time. @returns what to call to stop: it waits for a pass that runs. */
export function startExpiry(engine: Engine, intervalMs: number, log: (line: string) => void): () => Promise<void> {
  const stop = new AbortController();
  let pass: Promise<void> | undefined;
  const timer = setInterval(() => {
    engine.cursors.closeIdle();
    pass ??= expireDocuments(engine, new Date(), stop.signal)
      .catch((error: unknown) => log(`expiry failed: ${String(error)}`))
      .finally(() => (pass = undefined));
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    stop.abort();
    await pass;
  };
}
