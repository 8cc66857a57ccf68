import type { Catalog, Collection } from './catalog.ts';
import type { Database } from './database.ts';
import { type Document, documentBytesMax, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { duplicateKeyError } from './duplicate-key.ts';
import type { Index } from './index-spec.ts';
import { encodeKey, encodeKeyTuple } from './key-encoding.ts';
import { keyTuplesOf } from './paths.ts';

/** A stored document: `rid` is its place in the order of insertion, `document` its promoted form. */
export interface StoredRecord {
  rid: number;
  raw: Uint8Array;
  document: Document;
}

/** Writes documents together with their index entries. Each call is all or nothing; the caller owns the transaction. */
export interface Records {
  /** @throws DuplicateKey */
  insert(collection: Collection, raw: Uint8Array, document: Document): void;
  /** @throws DuplicateKey */
  replace(collection: Collection, before: StoredRecord, raw: Uint8Array, document: Document): void;
  remove(collection: Collection, record: StoredRecord): void;
  /** Fills a new index. @throws DuplicateKey if the documents don't fit it. */
  buildIndex(collection: Collection, index: Index, records: Iterable<StoredRecord>): void;
}

interface Entry {
  key: Uint8Array;
  values: unknown[];
}

export function createRecords(database: Database, catalog: Catalog): Records {
  function atomically(collection: Collection, write: () => void) {
    if (collection.indexes.length === 0) return write();
    database.prepare('SAVEPOINT record').run();
    try {
      write();
    } catch (error) {
      database.prepare('ROLLBACK TO record').run();
      database.prepare('RELEASE record').run();
      // A flag that this write had set is undone on disk but not in memory: too many is harmless, one too few is not.
      for (const index of collection.indexes) if (index.isMultikey) catalog.markMultikey(index);
      throw error;
    }
    database.prepare('RELEASE record').run();
  }

  function entriesOf(index: Index, document: Document): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    if (index.partial && !index.partial.matches(document)) return entries;
    const { tuples, isMultikey, hasField } = keyTuplesOf(document, index.paths);
    if (index.isSparse && !hasField) return entries;
    if (isMultikey && !index.isMultikey) catalog.markMultikey(index);
    for (const values of tuples) {
      const key = encodeKeyTuple(values, index.directions);
      entries.set(Buffer.from(key).toString('latin1'), { key, values });
    }
    return entries;
  }

  function addEntry(collection: Collection, index: Index, entry: Entry, rid: number) {
    try {
      database.prepare(`INSERT INTO ${index.table} (key, rid) VALUES (?, ?)`).run(entry.key, rid);
    } catch (error) {
      throw isUniqueViolation(error) ? duplicateKeyError(collection.namespace, index, entry.values) : error;
    }
  }

  function removeEntry(index: Index, entry: Entry, rid: number) {
    database.prepare(`DELETE FROM ${index.table} WHERE key = ? AND rid = ?`).run(entry.key, rid);
  }

  return {
    insert(collection, raw, document) {
      checkStorable(raw, document);
      atomically(collection, () => {
        const sql = `INSERT INTO ${collection.table} (id, doc) VALUES (?, ?)`;
        let rid: number;
        try {
          rid = Number(database.prepare(sql).run(encodeKey(document['_id']), raw).lastInsertRowid);
        } catch (error) {
          const idIndex = { name: '_id_', paths: ['_id'], spec: { key: { _id: 1 } } };
          throw isUniqueViolation(error) ? duplicateKeyError(collection.namespace, idIndex, [document['_id']]) : error;
        }
        for (const index of collection.indexes) {
          for (const entry of entriesOf(index, document).values()) addEntry(collection, index, entry, rid);
        }
      });
    },
    replace(collection, before, raw, document) {
      checkStorable(raw, document);
      atomically(collection, () => {
        database.prepare(`UPDATE ${collection.table} SET doc = ? WHERE rid = ?`).run(raw, before.rid);
        for (const index of collection.indexes) {
          const old = entriesOf(index, before.document);
          const next = entriesOf(index, document);
          for (const [text, entry] of old) if (!next.has(text)) removeEntry(index, entry, before.rid);
          for (const [text, entry] of next) if (!old.has(text)) addEntry(collection, index, entry, before.rid);
        }
      });
    },
    remove(collection, { rid, document }) {
      atomically(collection, () => {
        for (const index of collection.indexes) {
          for (const entry of entriesOf(index, document).values()) removeEntry(index, entry, rid);
        }
        database.prepare(`DELETE FROM ${collection.table} WHERE rid = ?`).run(rid);
      });
    },
    buildIndex(collection, index, records) {
      for (const { rid, document } of records) {
        for (const entry of entriesOf(index, document).values()) addEntry(collection, index, entry, rid);
      }
    },
  };
}

/** As deep as MongoDB lets a user's document be: its 200 levels of BSON without those of a command. */
const depthMax = 180;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value) && !isDocument(value)) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function checkStorable(raw: Uint8Array, document: Document) {
  if (isDeeper(document, depthMax))
    throw new MongoServerError('Overflow', `the document exceeds ${depthMax} levels of nesting`);
  if (raw.length <= documentBytesMax) return;
  throw new MongoServerError(
    'BSONObjectTooLarge',
    `object to insert too large. size in bytes: ${raw.length}, max size: ${documentBytesMax}`,
  );
}

const uniqueViolations = new Set<unknown>([1555, 2067]);

function isUniqueViolation(error: unknown): boolean {
  return Error.isError(error) && 'errcode' in error && uniqueViolations.has(error.errcode);
}
