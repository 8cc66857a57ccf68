import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './database.ts';
import { takeLock } from './lock.ts';

const fileName = 'mongo.sqlite';

/**
 * Writes a copy of a data folder's documents as they are at one moment, also while a server serves them. An earlier copy there is
 * replaced once the new one is whole.
 * @throws Error if the folder holds no data, or what SQLite throws (no space left).
 */
export function backUp(dir: string, to: string): void {
  copyDatabase(join(dir, fileName), join(to, fileName));
}

/** Copies any SQLite file that may be in use. */
export function copyDatabase(source: string, target: string): void {
  if (!existsSync(source)) throw new Error(`there is no ${source}`);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, 'wx', 0o600));
  const sqlite = new DatabaseSync(source, { readOnly: true, timeout: 10_000 });
  try {
    sqlite.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    sqlite.close();
  }
  sync(unfinished);
  renameSync(unfinished, target);
}

function sync(file: string): void {
  const descriptor = openSync(file, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Tells whether anybody wrote to a data folder since it was called. */
export function watchWrites(dir: string): { hasWritten(): boolean; close(): void } {
  const sqlite = new DatabaseSync(join(dir, fileName), { readOnly: true });
  const version = () => sqlite.prepare('PRAGMA data_version').get()?.['data_version'];
  const before = version();
  return { hasWritten: () => version() !== before, close: () => sqlite.close() };
}

/**
 * Makes a data folder of a copy that `backUp` wrote.
 * @throws LockedError while a server serves the folder; Error if it holds data already, or if the copy is damaged or of a newer
 * format.
 */
export function restore(from: string, dir: string): void {
  const [source, target] = [join(from, fileName), join(dir, fileName)];
  if (!existsSync(source)) throw new Error(`there is no ${source}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const unlock = takeLock(dir);
  try {
    if (existsSync(target)) throw new Error(`${dir} holds data already; move it away first`);
    const unfinished = `${target}.unfinished`;
    copyFileSync(source, unfinished);
    chmodSync(unfinished, 0o600);
    openDatabase(unfinished, { mustCheck: true }).close();
    sync(unfinished);
    renameSync(unfinished, target);
  } finally {
    unlock();
  }
}
