import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A server process that ends with it has found another one serving its folder. */
export const lockedExitCode = 3;

/** Another process serves this folder. */
export class LockedError extends Error {}

/**
 * Takes the lock of a data folder. It is SQLite's own file lock on a database of its own, so the operating system frees it when
 * the holder dies, however it dies.
 * @returns what to call to give it back. @throws LockedError
 */
export function takeLock(dir: string): () => void {
  const sqlite = new DatabaseSync(join(dir, 'mongo.lock'), { timeout: 0 });
  try {
    sqlite.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
  } catch (error) {
    sqlite.close();
    if (Error.isError(error) && 'errcode' in error && error.errcode === sqliteBusy) {
      throw new LockedError(`another server has the data folder ${dir}`);
    }
    throw error;
  }
  return () => sqlite.close();
}

const sqliteBusy = 5;
