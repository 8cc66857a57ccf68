import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** A chunk's rowid is its store file's `seq` shifted by this, plus its place in the file. */
export const CHUNK_ID_BITS = 20;

const BUSY_TIMEOUT_MS = 10_000;

// oxlint-disable typescript/no-unnecessary-type-parameters -- rows are shaped by their statement: the caller names the type
export interface Database {
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastId: number };
  /** For statements whose text depends on the request: prepared, run and forgotten. */
  allOnce<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  transact<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * Opens (and makes, owner-only) the engine's file. Several processes may hold it open: WAL, every commit synced, nothing
 * cached outside SQLite.
 * @param path a file, or `:memory:`
 */
export function openDatabase(path: string): Database {
  if (path !== ':memory:') makeOwnerOnly(path);
  const sqlite = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  const database = wrap(sqlite);
  database.transact(() => sqlite.exec(SCHEMA));
  return database;
}

function makeOwnerOnly(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  // SQLite gives -wal and -shm the rights of the file itself.
  chmodSync(path, 0o600);
}

function wrap(sqlite: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string) => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepared(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepared(sql).all(...values) as Row[],
    allOnce: <Row>(sql: string, ...values: SQLInputValue[]) => sqlite.prepare(sql).all(...values) as Row[],
    run: (sql, ...values) => {
      const { changes, lastInsertRowid } = prepared(sql).run(...values);
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    },
    transact: (work) => {
      if (sqlite.isTransaction) return work();
      sqlite.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        sqlite.exec('COMMIT');
        return result;
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => {
      if (sqlite.isOpen) sqlite.close();
    },
  };
}

// A chunk stands in the index if and only if its store file is `completed`: both are written in one transaction, and the
// triggers take chunks away with their file. `chunks.store` is a word (`s12`), so that FTS5 itself keeps to a store.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, filename TEXT NOT NULL, purpose TEXT NOT NULL,
  bytes INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, content BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS vector_stores (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT,
  created_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, expires_after_days INTEGER,
  metadata TEXT NOT NULL, chunk_count INTEGER NOT NULL DEFAULT 0, word_count INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE IF NOT EXISTS file_batches (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  store_seq INTEGER NOT NULL REFERENCES vector_stores (seq) ON DELETE CASCADE, is_cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS file_batches_store ON file_batches (store_seq);

CREATE TABLE IF NOT EXISTS store_files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  store_seq INTEGER NOT NULL REFERENCES vector_stores (seq) ON DELETE CASCADE,
  file_seq INTEGER NOT NULL REFERENCES files (seq) ON DELETE CASCADE,
  batch_seq INTEGER REFERENCES file_batches (seq) ON DELETE SET NULL,
  created_at INTEGER NOT NULL, status TEXT NOT NULL, error_code TEXT, error_message TEXT,
  attributes TEXT NOT NULL, chunking TEXT NOT NULL, usage_bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (store_seq, file_seq)
) STRICT;
CREATE INDEX IF NOT EXISTS store_files_file ON store_files (file_seq);
CREATE INDEX IF NOT EXISTS store_files_batch ON store_files (batch_seq) WHERE batch_seq IS NOT NULL;
CREATE INDEX IF NOT EXISTS store_files_waiting ON store_files (seq) WHERE status = 'in_progress';

CREATE TABLE IF NOT EXISTS chunks (
  id INTEGER PRIMARY KEY, store TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, words INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE IF NOT EXISTS chunk_index USING fts5 (
  store, heading, text, content = 'chunks', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE IF NOT EXISTS chunk_terms USING fts5vocab (chunk_index, row);
CREATE TRIGGER IF NOT EXISTS chunk_added AFTER INSERT ON chunks BEGIN
  INSERT INTO chunk_index (rowid, store, heading, text) VALUES (new.id, new.store, new.heading, new.text);
  UPDATE vector_stores SET chunk_count = chunk_count + 1, word_count = word_count + new.words
  WHERE seq = CAST(substr(new.store, 2) AS INTEGER);
END;
CREATE TRIGGER IF NOT EXISTS chunk_removed AFTER DELETE ON chunks BEGIN
  INSERT INTO chunk_index (chunk_index, rowid, store, heading, text)
  VALUES ('delete', old.id, old.store, old.heading, old.text);
  UPDATE vector_stores SET chunk_count = chunk_count - 1, word_count = word_count - old.words
  WHERE seq = CAST(substr(old.store, 2) AS INTEGER);
END;
CREATE TRIGGER IF NOT EXISTS store_file_removed AFTER DELETE ON store_files BEGIN
  DELETE FROM chunks WHERE id >= (old.seq << ${CHUNK_ID_BITS}) AND id < ((old.seq + 1) << ${CHUNK_ID_BITS});
END;

-- What a chunk means, 512 signed bytes; empty where the model makes nothing of it. A chunk without a row waits for one.
CREATE TABLE IF NOT EXISTS chunk_vectors (
  chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE, text_hash BLOB NOT NULL, vector BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS chunk_vectors_text ON chunk_vectors (text_hash);
-- By this a process sees that the vectors it holds in memory are not those of the file any more.
CREATE TABLE IF NOT EXISTS vector_changes (count INTEGER NOT NULL) STRICT;
INSERT INTO vector_changes SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM vector_changes);
CREATE TRIGGER IF NOT EXISTS vector_added AFTER INSERT ON chunk_vectors BEGIN
  UPDATE vector_changes SET count = count + 1;
END;
CREATE TRIGGER IF NOT EXISTS vector_removed AFTER DELETE ON chunk_vectors BEGIN
  UPDATE vector_changes SET count = count + 1;
END;

CREATE TABLE IF NOT EXISTS responses (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS responses_age ON responses (created_at);
`;
