import type { Document } from '../document.ts';
import { documentBytesMax } from '../document.ts';
import { messageBytesMax } from '../wire.ts';
import type { Command } from './command.ts';

/** MongoDB 8.0's: the first with a sort in updates. */
const maxWireVersion = 25;
const version = '8.0.0';
const startedAtMs = Date.now();

/**
 * A standalone server. Without logicalSessionTimeoutMinutes drivers neither send sessions nor retry writes: a retried write
 * could be applied twice here.
 */
function describeServer(): Document {
  return {
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    maxBsonObjectSize: documentBytesMax,
    maxMessageSizeBytes: messageBytesMax,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    minWireVersion: 0,
    maxWireVersion,
    readOnly: false,
  };
}

const hello: Command = {
  fields: [
    'helloOk', 'client', 'compression', 'loadBalanced', 'saslSupportedMechs', 'speculativeAuthenticate', 'topologyVersion',
    'maxAwaitTimeMS', 'hostInfo', 'backpressure',
  ], // prettier-ignore
  run: describeServer,
};

export const serverCommands: Record<string, Command> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: { fields: [], run: () => ({}) },
  endSessions: { fields: [], run: () => ({}) },
  buildInfo: {
    fields: [],
    run: () => ({
      version,
      versionArray: [...version.split('.').map(Number), 0],
      modules: ['embedded-mongo'],
      bits: 64,
      maxBsonObjectSize: documentBytesMax,
      storageEngines: ['sqlite'],
    }),
  },
  serverStatus: {
    fields: [],
    run: ({ engine }) => ({
      host: 'localhost',
      version,
      process: 'embedded-mongo',
      pid: process.pid,
      uptimeMillis: Date.now() - startedAtMs,
      localTime: new Date(),
      storageEngine: { name: 'sqlite', persistent: true },
      durability: { ...engine.writes.totals },
    }),
  },
};
