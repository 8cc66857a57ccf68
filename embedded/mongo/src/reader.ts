import { Worker } from 'node:worker_threads';
import { MongoServerError } from './errors.ts';

/** A read that is too much for the thread that serves everybody: the reader answers it from the start. */
export class ReaderNeededError extends Error {
  override readonly name = 'ReaderNeededError';
}

/** Answers long reads beside everything else, on a thread and a connection to the file of its own. */
export interface Reader {
  /**
   * The reply to a message, both as they travel. What was acknowledged before is seen.
   * @throws MongoServerError `InternalError` when the thread is lost; the next message starts another one.
   */
  answer(message: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What the two threads send each other. */
export interface ReaderMessage {
  id: number;
  message: Uint8Array;
}

const heapMbMax = 2_048;
/** Nothing that is meant takes as long; a pattern may take forever. */
const readMsMaxDefault = 300_000;

/**
 * @param file of SQLite. The thread starts with the first message.
 * @param readMsMax after that the thread is ended: what it was asked fails, and its cursors are gone.
 */
export function createReader(file: string, readMsMax = readMsMaxDefault): Reader {
  const waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let worker: Worker | undefined;
  let lastId = 0;

  function start(): Worker {
    const started = new Worker(new URL('./reader-thread.ts', import.meta.url), {
      workerData: file,
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
    });
    started.unref();
    started.on('message', ({ id, message }: ReaderMessage) => {
      waiting.get(id)?.resolve(message);
      waiting.delete(id);
    });
    started.on('error', (error) => lose(started, error));
    started.on('exit', () => lose(started, new Error('it has ended')));
    return started;
  }

  function lose(lost: Worker, error: unknown) {
    if (worker !== lost) return;
    worker = undefined;
    const isLate = error instanceof MongoServerError;
    const reason = Error.isError(error) ? error.message : String(error);
    const tooMuch = `this read was too much for the embedded database: ${reason}`;
    for (const { reject } of waiting.values()) {
      reject(isLate ? error : new MongoServerError('InternalError', tooMuch));
    }
    waiting.clear();
  }

  function endLate(late: Worker) {
    lose(late, new MongoServerError('MaxTimeMSExpired', `a read took longer than ${readMsMax} ms`));
    late.terminate().catch(() => {});
  }

  return {
    answer(message) {
      worker ??= start();
      const id = ++lastId;
      const answered = Promise.withResolvers<Uint8Array>();
      waiting.set(id, answered);
      worker.postMessage({ id, message } satisfies ReaderMessage, []);
      const timer = setTimeout(endLate, readMsMax, worker);
      return answered.promise.finally(() => clearTimeout(timer));
    },
    async close() {
      await worker?.terminate();
    },
  };
}
