import { type Catalog, type Collection, createCatalog } from './catalog.ts';
import { createCursors, type Cursors } from './cursors.ts';
import { type Database, openDatabase } from './database.ts';
import { createRecords, type Records } from './records.ts';
import { createWriteQueue, type WriteQueue } from './write-queue.ts';

/** One data folder, opened: what the commands work on. */
export interface Engine {
  database: Database;
  catalog: Catalog;
  records: Records;
  writes: WriteQueue;
  cursors: Cursors;
  close(): void;
}

/** @param file of SQLite, or `:memory:`. @throws Error as `openDatabase`. */
export function openEngine(file: string): Engine {
  const database = openDatabase(file);
  const catalog = createCatalog(database);
  const writes = createWriteQueue(database, () => catalog.reload());
  return {
    database,
    catalog,
    writes,
    records: createRecords(database, catalog),
    cursors: createCursors(),
    close() {
      writes.flush();
      database.close();
    },
  };
}

/** A write makes the collection it names, as in MongoDB. */
export function ensureCollection({ catalog }: Engine, db: string, name: string): Collection {
  return catalog.find(db, name) ?? catalog.create(db, name);
}
