import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findServer, type Keeper } from './keeper.ts';
import { lockedExitCode } from './lock.ts';
import { socketPathFor, uriOf } from './socket-path.ts';

export interface EmbeddedMongo {
  /** For a driver; name the database by its dbName option, or use `uriFor`. */
  uri: string;
  uriFor(dbName: string): string;
  /** Of the server now; undefined while it is being replaced. */
  pid(): number | undefined;
  /** Lets go of the server; it exits by itself once nobody is connected. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  dir: string;
  /** How long a server started by this call outlives its last client. */
  idleExitMs?: number;
  log?: (line: string) => void;
}

const startTimeoutMs = 10_000;
const pollMs = 20;

/**
 * Finds the running server of a data folder, or starts one in a process group of its own, and keeps it alive until `close`. If it
 * dies meanwhile a new one takes its place on the same socket, so a driver just reconnects.
 * @throws Error with the server's own words if it can't start, or after ten seconds.
 */
export async function connectEmbeddedMongo({
  dir,
  idleExitMs = 2_000,
  log = () => {},
}: ConnectOptions): Promise<EmbeddedMongo> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socketPath = socketPathFor(dir);
  let keeper: Keeper | undefined;
  let isClosed = false;

  const keep = async () => {
    const found = await findOrStart({ dir, socketPath, idleExitMs, onLost });
    if (isClosed) found.close();
    else keeper = found;
  };

  function onLost() {
    keeper = undefined;
    if (isClosed) return;
    log('the embedded database went away: starting it again');
    keep().catch((error: unknown) => log(`the embedded database can't be started: ${String(error)}`));
  }

  await keep();
  return {
    uri: uriOf({ socketPath }),
    uriFor: (dbName) => uriOf({ socketPath }, dbName),
    pid: () => keeper?.pid,
    async close() {
      isClosed = true;
      keeper?.close();
      keeper = undefined;
    },
  };
}

interface StartRequest {
  dir: string;
  socketPath: string;
  idleExitMs: number;
  onLost: () => void;
}

async function findOrStart({ dir, socketPath, idleExitMs, onLost }: StartRequest): Promise<Keeper> {
  const deadlineMs = performance.now() + startTimeoutMs;
  const child = { exitCode: 0, isRunning: false };
  while (performance.now() < deadlineMs) {
    const keeper = await findServer(socketPath, deadlineMs - performance.now(), onLost);
    if (keeper) return keeper;
    // Whoever holds the lock is just starting, or just stopping: both pass.
    if (child.exitCode !== 0 && child.exitCode !== lockedExitCode) {
      throw new Error(`the embedded database of ${dir} can't start: ${lastLineOf(logPath(dir))}`);
    }
    if (!child.isRunning) {
      child.isRunning = true;
      startServer(dir, idleExitMs, (exitCode) => Object.assign(child, { exitCode, isRunning: false }));
    }
    await delay(pollMs);
  }
  throw new Error(
    `the embedded database of ${dir} didn't answer within ${startTimeoutMs / 1000} s; see ${logPath(dir)}`,
  );
}

function logPath(dir: string): string {
  return join(dir, 'mongo.log');
}

function lastLineOf(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
}

/** The child outlives Ctrl-C on its parent: turns that drain still need it. */
function startServer(dir: string, idleExitMs: number, onExit: (code: number) => void) {
  const logFile = openSync(logPath(dir), 'a', 0o600);
  const script = fileURLToPath(new URL('serve.ts', import.meta.url));
  const args = [script, '--dir', dir, '--idle-exit-ms', String(idleExitMs)];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', logFile, logFile] });
  closeSync(logFile);
  child.unref();
  child.once('error', () => onExit(1));
  child.once('exit', (code) => onExit(code ?? 1));
}
