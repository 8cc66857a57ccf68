import { setTimeout } from 'node:timers';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { LockedError, lockedExitCode } from './lock.ts';
import { startMongoServer } from './server.ts';

/** Time for the first client to connect. */
const firstClientMs = 10_000;

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string' },
    'idle-exit-ms': { type: 'string', default: '2000' },
    'not-durable': { type: 'boolean', default: false },
  },
});

process.umask(0o077);
// A pattern that goes back too often is tried by an engine of linear time, where it can be.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
try {
  await serve();
} catch (error) {
  console.error(Error.isError(error) ? error.message : error);
  process.exit(error instanceof LockedError ? lockedExitCode : 1);
}

async function serve() {
  const { dir, port } = values;
  if (!dir) throw new Error('usage: serve.ts --dir DIR [--port N] [--idle-exit-ms N] [--not-durable]');
  const idleExitMs = Number(values['idle-exit-ms']);
  let idleTimer = setTimeout(stop, firstClientMs);
  const server = await startMongoServer({
    dir,
    ...(port === undefined ? {} : { port: Number(port) }),
    isDurable: !values['not-durable'],
    log: (line) => console.error(`${new Date().toISOString()} ${line}`),
    onConnectionsChange(count) {
      clearTimeout(idleTimer);
      if (count === 0) idleTimer = setTimeout(stop, idleExitMs);
    },
  });
  process.once('SIGTERM', stop);

  function stop() {
    clearTimeout(idleTimer);
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  }
}
