import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { backUp, copyDatabase, restore, watchWrites } from '@chatbusiness/embedded-mongo';
import type { Config } from '../../src/config.ts';
import { UsageError } from './command.ts';

const ENGINE = 'engine.sqlite';
const TRIES_MAX = 20;

/**
 * Writes everything that the data folder holds to another one, while the service may be running: documents and the engine's files
 * as they are at the same moment, then objects (which never change) and secrets.
 * @returns whether documents and engine are of the same moment; if not, somebody wrote all the time.
 * @throws UsageError where the documents are in a MongoDB.
 */
export function backUpData(config: Config, to: string): { isOfOneMoment: boolean } {
  const dir = mongoDirOf(config);
  const target = path.resolve(to);
  if (target === config.dataDir) throw new UsageError(`${to} is the data folder itself`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const isOfOneMoment = copyDatabases(config, dir, target);
  for (const name of otherEntries(config.dataDir)) {
    cpSync(path.join(config.dataDir, name), path.join(target, name), { recursive: true, preserveTimestamps: true });
  }
  return { isOfOneMoment };
}

/**
 * Makes the data folder of a copy that `backUpData` wrote.
 * @throws UsageError where there is data already; LockedError while a service runs on it; Error for a damaged copy.
 */
export function restoreData(config: Config, from: string): void {
  const dir = mongoDirOf(config);
  const source = path.resolve(from);
  if (existsSync(config.dataDir) && readdirSync(config.dataDir).length > 0) {
    throw new UsageError(`${config.dataDir} is not empty: move it away first, or set DATA_DIR to another folder`);
  }
  restore(path.join(source, 'mongo'), dir);
  for (const name of [ENGINE, ...otherEntries(source)]) {
    if (existsSync(path.join(source, name))) {
      cpSync(path.join(source, name), path.join(config.dataDir, name), { recursive: true, preserveTimestamps: true });
    }
  }
}

function mongoDirOf({ database }: Config): string {
  if (database.kind === 'embedded') return database.dir;
  throw new UsageError('MONGODB_URL is set: back MongoDB up with its own tools (mongodump), and DATA_DIR as a folder');
}

/** A file that documents name must be in the engine, and the other way round. */
function copyDatabases(config: Config, dir: string, target: string): boolean {
  const engine = path.join(config.dataDir, ENGINE);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const watch = watchWrites(dir);
    try {
      backUp(dir, path.join(target, 'mongo'));
      if (existsSync(engine)) copyDatabase(engine, path.join(target, ENGINE));
      if (!watch.hasWritten()) return true;
    } finally {
      watch.close();
    }
  }
  return false;
}

/** Objects, mails, keys, secrets; not logs, and not what the databases keep. */
function otherEntries(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'mongo' && !name.startsWith(ENGINE) && !name.endsWith('.log'));
}
