import { type Catalog, type Collection, createCatalog } from './catalog.ts';
import { createCursors, type Cursors } from './cursors.ts';
import { type Database, openDatabase, openForReading } from './database.ts';
import { createReader, type Reader } from './reader.ts';
import { createRecords, type Records } from './records.ts';
import { createWriteQueue, type WriteQueue } from './write-queue.ts';

/** One data folder, opened: what the commands work on. */
export interface Engine {
  database: Database;
  catalog: Catalog;
  records: Records;
  writes: WriteQueue;
  cursors: Cursors;
  /** Answers long reads; absent in memory, which only one connection sees, and in the reader itself. */
  reader: Reader | undefined;
  close(): Promise<void>;
}

/** @param file of SQLite, or `:memory:`. @throws Error as `openDatabase`. */
export function openEngine(file: string, options: { isDurable?: boolean } = {}): Engine {
  return engineOn(openDatabase(file, options), file === ':memory:' ? undefined : createReader(file));
}

/** The engine of the reader's thread, on a file that another connection has opened. */
export function openReadingEngine(file: string): Engine {
  return engineOn(openForReading(file), undefined);
}

function engineOn(database: Database, reader: Reader | undefined): Engine {
  const catalog = createCatalog(database);
  const writes = createWriteQueue(database, () => catalog.reload());
  return {
    database,
    catalog,
    writes,
    records: createRecords(database, catalog),
    cursors: createCursors(),
    reader,
    async close() {
      await reader?.close();
      writes.flush();
      database.close();
    },
  };
}

/** A write makes the collection it names, as in MongoDB. */
export function ensureCollection({ catalog }: Engine, db: string, name: string): Collection {
  return catalog.find(db, name) ?? catalog.create(db, name);
}
