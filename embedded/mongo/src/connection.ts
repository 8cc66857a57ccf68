import type { Socket } from 'node:net';
import { replyTo } from './commands/reply.ts';
import type { Engine } from './engine.ts';
import { createMessageSplitter, MalformedMessageError } from './wire.ts';

/** How much a client may send ahead of the answers before it has to wait. */
const waitingMessagesMax = 16;

/** Answers the commands of one client in their order. A client that doesn't speak the protocol loses its connection. */
export function serveConnection(socket: Socket, engine: Engine, log: (line: string) => void) {
  const split = createMessageSplitter();
  const waiting: Buffer[] = [];
  let isAnswering = false;

  async function answerWaiting() {
    if (isAnswering) return;
    isAnswering = true;
    for (let message = waiting.shift(); message; message = waiting.shift()) {
      if (waiting.length < waitingMessagesMax) socket.resume();
      const answer = await replyTo(engine, message);
      if (answer && !socket.write(answer)) await drainedOrClosed(socket);
      if (socket.destroyed) break;
    }
    isAnswering = false;
  }

  function refuse(error: unknown) {
    const reason = error instanceof MalformedMessageError ? error.message : String(error);
    log(`connection closed: ${reason}`);
    socket.destroy();
  }

  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      waiting.push(...split(chunk));
    } catch (error) {
      return refuse(error);
    }
    if (waiting.length >= waitingMessagesMax) socket.pause();
    answerWaiting().catch(refuse);
  });
}

function drainedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      socket.off('drain', finish).off('close', finish);
      resolve();
    };
    socket.on('drain', finish).on('close', finish);
    if (socket.destroyed) finish();
  });
}
