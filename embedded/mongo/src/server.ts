import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Engine, openEngine } from './engine.ts';
import { defaultTtlIntervalMs, startExpiry } from './expiry.ts';
import { type Listener, listen } from './listener.ts';
import { takeLock } from './lock.ts';
import { socketPathFor, uriOf } from './socket-path.ts';

export type StartOptions = ({ dir: string } | { memory: true }) & {
  /** Where to listen instead of in the data folder. */
  socketPath?: string;
  /** Listens on 127.0.0.1 too; 0 takes any free port. */
  port?: number;
  ttlIntervalMs?: number;
  /** False: what was acknowledged may be lost with the machine. For measuring what durability costs. */
  isDurable?: boolean;
  log?: (line: string) => void;
  /** Called after a connection has come or gone. */
  onConnectionsChange?: (count: number) => void;
};

export interface MongoServer {
  /** Of the port where one was asked for, else of the socket. */
  uri: string;
  uriFor(dbName: string): string;
  close(): Promise<void>;
}

/**
 * Serves a data folder, or memory, in this process.
 * @throws LockedError if another process serves the folder; Error if the data is of a newer format or damaged.
 */
export async function startMongoServer(options: StartOptions): Promise<MongoServer> {
  const { port, ttlIntervalMs = defaultTtlIntervalMs, log = () => {}, onConnectionsChange } = options;
  await using opened = new AsyncDisposableStack();
  const { engine, socketPath } = openData(options, opened);
  const listenAt = async (at: { socketPath: string } | { port: number }): Promise<Listener> => {
    const listener = await listen({ engine, at, log, onConnectionsChange: () => onConnectionsChange?.(total()) });
    opened.defer(() => listener.close());
    listeners.push(listener);
    return listener;
  };
  const listeners: Listener[] = [];
  const total = () => listeners.reduce((sum, listener) => sum + listener.connectionCount(), 0);
  opened.defer(startExpiry(engine, ttlIntervalMs, log));
  await listenAt({ socketPath });
  const tcp = port === undefined ? undefined : await listenAt({ port });
  const at = tcp?.port === undefined ? { socketPath } : { port: tcp.port };
  const closing = opened.move();
  return {
    uri: uriOf(at),
    uriFor: (dbName) => uriOf(at, dbName),
    close: () => closing.disposeAsync(),
  };
}

/** What was opened first is closed last: the lock outlives the data, and the data the connections. */
function openData(options: StartOptions, opened: AsyncDisposableStack): { engine: Engine; socketPath: string } {
  if (!('dir' in options)) {
    const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
    opened.defer(() => rmSync(folder, { recursive: true, force: true }));
    return { engine: openEngineIn(':memory:', opened), socketPath: options.socketPath ?? join(folder, 'mongo.sock') };
  }
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  opened.defer(takeLock(options.dir));
  const socketPath = options.socketPath ?? socketPathFor(options.dir);
  const engine = openEngineIn(join(options.dir, 'mongo.sqlite'), opened, options.isDurable);
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
  // Nobody else can be listening here: whoever does holds the lock.
  rmSync(socketPath, { force: true });
  return { engine, socketPath };
}

function openEngineIn(file: string, opened: AsyncDisposableStack, isDurable = true): Engine {
  const engine = openEngine(file, { isDurable });
  opened.defer(() => engine.close());
  return engine;
}
