import type { Database } from './database.ts';
import { decode, type Document, encode as encodeSpec } from './document.ts';
import { MongoServerError } from './errors.ts';
import type { Index } from './index-spec.ts';
import { parseIndexSpec } from './index-spec.ts';

export interface Collection {
  id: number;
  db: string;
  name: string;
  /** `db.name` */
  namespace: string;
  /** SQLite table of the documents: rid (order of insertion), id (key of `_id`), doc (BSON). */
  table: string;
  /** All but the one on `_id`, which is part of the table. */
  indexes: Index[];
}

/**
 * Which collections and indexes there are. Kept in memory; `reload` after a rollback, since that may have undone some.
 */
export interface Catalog {
  find(db: string, name: string): Collection | undefined;
  list(db?: string): Collection[];
  create(db: string, name: string): Collection;
  drop(collection: Collection): void;
  addIndex(collection: Collection, spec: Document): Index;
  dropIndex(collection: Collection, index: Index): void;
  markMultikey(index: Index): void;
  reload(): void;
}

export function createCatalog(database: Database): Catalog {
  let collections = loadCollections(database);
  const changeOf = (sql: string, ...values: (string | number | Uint8Array)[]) =>
    Number(database.prepare(sql).run(...values).lastInsertRowid);

  function dropIndex(collection: Collection, index: Index) {
    database.execute(`DROP TABLE ${index.table}`);
    database.forgetStatements(index.table);
    changeOf('DELETE FROM indexes WHERE id = ?', index.id);
    collection.indexes = collection.indexes.filter((other) => other !== index);
  }

  return {
    find: (db, name) => collections.get(`${db}.${name}`),
    list: (db) => [...collections.values()].filter((collection) => db === undefined || collection.db === db),
    create(db, name) {
      checkName(db, name);
      const id = changeOf('INSERT INTO collections (db, name) VALUES (?, ?)', db, name);
      const collection = collectionOf(id, db, name);
      database.execute(
        `CREATE TABLE ${collection.table} (rid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, doc BLOB NOT NULL) STRICT`,
      );
      collections.set(collection.namespace, collection);
      return collection;
    },
    drop(collection) {
      for (const index of collection.indexes) dropIndex(collection, index);
      database.execute(`DROP TABLE ${collection.table}`);
      database.forgetStatements(collection.table);
      changeOf('DELETE FROM collections WHERE id = ?', collection.id);
      collections.delete(collection.namespace);
    },
    addIndex(collection, spec) {
      const name = String(spec['name']);
      const sql = 'INSERT INTO indexes (collection, name, spec) VALUES (?, ?, ?)';
      const index = parseIndexSpec(changeOf(sql, collection.id, name, encodeSpec(spec)), spec);
      const primaryKey = index.isUnique ? 'key' : 'key, rid';
      database.execute(
        `CREATE TABLE ${index.table} (key BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (${primaryKey})) STRICT, WITHOUT ROWID`,
      );
      collection.indexes.push(index);
      return index;
    },
    dropIndex,
    markMultikey(index) {
      index.isMultikey = true;
      changeOf('UPDATE indexes SET multikey = 1 WHERE id = ?', index.id);
    },
    reload() {
      collections = loadCollections(database);
    },
  };
}

function loadCollections(database: Database): Map<string, Collection> {
  const loaded = new Map<string, Collection>();
  for (const row of database.prepare('SELECT id, db, name FROM collections ORDER BY id').all()) {
    const collection = collectionOf(Number(row['id']), String(row['db']), String(row['name']));
    const sql = 'SELECT id, spec, multikey FROM indexes WHERE collection = ? ORDER BY id';
    collection.indexes = database
      .prepare(sql)
      .all(collection.id)
      .map((index) => ({
        ...parseIndexSpec(Number(index['id']), decode(index['spec'] as Uint8Array)),
        isMultikey: index['multikey'] === 1,
      }));
    loaded.set(collection.namespace, collection);
  }
  return loaded;
}

function collectionOf(id: number, db: string, name: string): Collection {
  return { id, db, name, namespace: `${db}.${name}`, table: `c${id}`, indexes: [] };
}

function checkName(db: string, name: string) {
  const isBad =
    name === '' || name.includes('\0') || name.includes('$') || name.startsWith('.') || name.startsWith('system.');
  if (isBad || !/^[^/\\. "$\0]{1,63}$/.test(db)) {
    throw new MongoServerError('InvalidNamespace', `Invalid namespace specified '${db}.${name}'`);
  }
}
