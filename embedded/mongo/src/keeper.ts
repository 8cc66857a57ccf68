import { connect, type Socket } from 'node:net';
import { decode, type Document, encode } from './document.ts';
import { createMessageSplitter, encodeMessage, parseMessage } from './wire.ts';

export interface Keeper {
  /** Of the server. */
  pid: number;
  close(): void;
}

/**
 * Opens a connection to a server and asks who it is. The connection keeps the server alive; it doesn't keep this process alive.
 * @param onLost called once if the connection ends without `close`.
 * @returns undefined if nobody answers there.
 */
export async function findServer(
  socketPath: string,
  timeoutMs: number,
  onLost: () => void,
): Promise<Keeper | undefined> {
  const socket = connect({ path: socketPath });
  socket.on('error', () => socket.destroy());
  let isWanted = true;
  try {
    const status = await ask(socket, { serverStatus: 1, $db: 'admin' }, timeoutMs);
    socket.unref();
    socket.once('close', () => {
      if (isWanted) onLost();
    });
    if (socket.destroyed) return undefined;
    const close = () => {
      isWanted = false;
      socket.destroy();
    };
    return { pid: Number(status['pid']), close };
  } catch {
    socket.destroy();
    return undefined;
  }
}

function ask(socket: Socket, command: Document, timeoutMs: number): Promise<Document> {
  const { promise, resolve, reject } = Promise.withResolvers<Document>();
  const split = createMessageSplitter();
  const fail = () => reject(new Error('no answer'));
  const timer = setTimeout(fail, timeoutMs);
  socket.once('connect', () => socket.write(encodeMessage(encode(command), 0)));
  socket.once('close', fail);
  socket.on('data', (chunk: Buffer) => {
    try {
      const [message] = split(chunk);
      if (message) resolve(decode(parseMessage(message).body));
    } catch (error) {
      reject(error);
    }
  });
  return promise.finally(() => clearTimeout(timer));
}
