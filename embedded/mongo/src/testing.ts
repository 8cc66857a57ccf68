import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decode, type Document, encode } from './document.ts';
import { socketPathFor } from './socket-path.ts';
import { createMessageSplitter, encodeMessage, parseMessage } from './wire.ts';

/** A client without a pool, retries or reconnection: what a test asks is what is sent, and a lost connection is an error at once. */
export interface BareClient extends AsyncDisposable {
  /** The server's answer, also `{ ok: 0 }`. @throws Error when the connection is lost. */
  ask(command: Document): Promise<Document>;
}

export async function connectBare(socketPath: string): Promise<BareClient> {
  const socket = connect({ path: socketPath });
  await once(socket, 'connect');
  const waiting: PromiseWithResolvers<Document>[] = [];
  const split = createMessageSplitter();
  socket.on('data', (chunk: Buffer) => {
    for (const message of split(chunk)) waiting.shift()?.resolve(decode(parseMessage(message).body));
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the connection was lost'));
  });
  return {
    ask(command) {
      const answered = Promise.withResolvers<Document>();
      if (socket.destroyed) answered.reject(new Error('the connection was lost'));
      else waiting.push(answered);
      socket.write(encodeMessage(encode({ ...command, $db: 'test' }), 0));
      return answered.promise;
    },
    async [Symbol.asyncDispose]() {
      await closed(socket);
    },
  };
}

async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const isClosed = once(socket, 'close');
  socket.destroy();
  await isClosed;
}

/** A server process of a data folder, which a test may kill. */
export interface ServerProcess {
  readonly socketPath: string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/** @throws Error if it doesn't answer within ten seconds. */
export async function startServerProcess(dir: string, flags: readonly string[] = []): Promise<ServerProcess> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const script = fileURLToPath(new URL('serve.ts', import.meta.url));
  const args = [script, '--dir', dir, '--idle-exit-ms', '10000', ...flags];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const socketPath = socketPathFor(dir);
  await untilAnswering(child, socketPath);
  return {
    socketPath,
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function untilAnswering(child: ChildProcess, socketPath: string): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    try {
      await using client = await connectBare(socketPath);
      await client.ask({ ping: 1 });
      return;
    } catch {
      await delay(5);
    }
  }
  throw new Error('the server did not answer within 10 s');
}
