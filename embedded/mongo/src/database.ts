import { existsSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { MongoServerError } from './errors.ts';
import { ReaderNeededError } from './reader.ts';

/** Raised with each change that an older program would misread. */
export const formatVersion = 1;

const schema = `
  CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, db TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (db, name)
  ) STRICT;
  CREATE TABLE indexes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL REFERENCES collections (id),
    name TEXT NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL DEFAULT 0, UNIQUE (collection, name)
  ) STRICT;
  PRAGMA user_version = ${formatVersion};
`;

export interface Database {
  /** Prepared once and kept. */
  prepare(sql: string): StatementSync;
  execute(sql: string): void;
  /** How many rows may be read from here on before `countRows` throws, and until when (`performance.now()`). */
  allowRows(count: number, untilMs?: number): void;
  /** @throws ReaderNeededError when they are more than are allowed, MaxTimeMSExpired when it is too late. */
  countRows(count: number): void;
  /** For what may take long without reading many rows. @throws ReaderNeededError where there is a limit at all. */
  requireReader(): void;
  /** Changes when another connection has committed something. */
  dataVersion(): number;
  /** Forgets the statements of a table that is gone. */
  forgetStatements(table: string): void;
  close(): void;
}

/**
 * Opens the SQLite file that holds everything, or memory. Writes are on disk once their transaction is committed, unless it
 * isn't to be durable.
 * @throws Error naming both versions if a newer program wrote the file, or what the integrity check found after a crash.
 */
export function openDatabase(file: string, { isDurable = true, mustCheck = hasLeftoverLog(file) } = {}): Database {
  const sqlite = new DatabaseSync(file);
  try {
    checkVersion(sqlite, file);
    sqlite.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${isDurable ? 'FULL' : 'OFF'}; PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456;`,
    );
    if (mustCheck) checkIntegrity(sqlite, file);
    if (versionOf(sqlite) === 0) sqlite.exec(`BEGIN; ${schema} COMMIT`);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return databaseOn(sqlite);
}

/** A second connection to a file that `openDatabase` holds open. */
export function openForReading(file: string): Database {
  const sqlite = new DatabaseSync(file, { readOnly: true });
  sqlite.exec('PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456;');
  return databaseOn(sqlite);
}

function databaseOn(sqlite: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  let rowsLeft = Infinity;
  let deadlineMs = Infinity;
  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (!statement) statements.set(sql, (statement = sqlite.prepare(sql)));
      return statement;
    },
    execute: (sql) => sqlite.exec(sql),
    allowRows(count, untilMs = Infinity) {
      rowsLeft = count;
      deadlineMs = untilMs;
    },
    countRows(count) {
      rowsLeft -= count;
      if (rowsLeft < 0) throw new ReaderNeededError();
      if (performance.now() > deadlineMs)
        throw new MongoServerError('MaxTimeMSExpired', 'operation exceeded time limit');
    },
    requireReader() {
      if (Number.isFinite(rowsLeft)) throw new ReaderNeededError();
    },
    dataVersion: () => Number(sqlite.prepare('PRAGMA data_version').get()?.['data_version']),
    forgetStatements(table) {
      for (const sql of statements.keys()) if (sql.includes(`${table} `)) statements.delete(sql);
    },
    close() {
      statements.clear();
      sqlite.close();
    },
  };
}

/** SQLite removes its write-ahead log when the last connection closes; one that is left means that nobody closed it. */
function hasLeftoverLog(file: string): boolean {
  const log = `${file}-wal`;
  return existsSync(log) && statSync(log).size > 0;
}

function versionOf(sqlite: DatabaseSync): number {
  return Number(sqlite.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

function checkVersion(sqlite: DatabaseSync, file: string) {
  const version = versionOf(sqlite);
  if (version <= formatVersion) return;
  throw new Error(`${file} has format ${version}; this program reads formats up to ${formatVersion}: use a newer one`);
}

function checkIntegrity(sqlite: DatabaseSync, file: string) {
  const found = sqlite.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw new Error(`${file} is damaged: ${String(found)}`);
}
