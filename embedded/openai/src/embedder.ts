import { Worker } from 'node:worker_threads';

export interface EmbedOptions {
  /** A visitor waits: before everything that is not. */
  isUrgent?: boolean;
  /** Takes the text out of the queue; one that is being computed is finished unheard. */
  signal?: AbortSignal;
}

export interface Embedder {
  /**
   * What a text means, as a direction in 512 dimensions: the smaller the angle between two, the nearer their meanings.
   * Undefined for a text that the model makes nothing of.
   * @throws when the queue is full, the signal ended the wait, the model doesn't run here, or the embedder was closed
   */
  embed(text: string, options?: EmbedOptions): Promise<Float32Array | undefined>;
  close(): Promise<void>;
}

export interface EmbedderRequest {
  id: number;
  text: string;
}

export interface EmbedderReply {
  id: number;
  vector?: Float32Array;
}

interface Job {
  text: string;
  isUrgent: boolean;
  resolve: (vector: Float32Array | undefined) => void;
  reject: (reason: Error) => void;
}

const QUEUED_MAX = 64;
/** The model looks no further than this, measured on Cranfield: 600 characters and 3,200 rank alike. */
const CHARS_MAX = 600;

/**
 * The Universal Sentence Encoder (lite, English) in a thread of its own, started by the first text and kept until `close`: it takes
 * half a second to start, and 150 to 300 MB. The thread keeps the process alive for urgent texts only.
 */
export function createEmbedder(): Embedder {
  const queue: Job[] = [];
  let current: (Job & { id: number }) | undefined;
  let worker: Worker | undefined;
  let lastId = 0;
  let refusal: Error | undefined;

  /** For good: a model that can't be loaded, or that took its thread down, would do so again. */
  const refuse = (reason: Error) => {
    refusal ??= reason;
    for (const job of [...(current ? [current] : []), ...queue.splice(0)]) job.reject(reason);
    current = undefined;
  };

  const start = (): Worker => {
    const started = new Worker(new URL('embedder-worker.ts', import.meta.url));
    started.on('message', (reply: EmbedderReply) => {
      if (reply.id !== current?.id) return;
      const job = current;
      current = undefined;
      started.unref();
      job.resolve(reply.vector);
      next();
    });
    started.on('error', (cause) => {
      if (!refusal) console.error('The embedding model stopped; search goes on by words alone.', cause);
      refuse(new Error('the embedding model stopped', { cause }));
    });
    started.on('exit', () => refuse(new Error('the embedding model stopped')));
    started.unref();
    return started;
  };

  const next = () => {
    if (current) return;
    const urgentAt = queue.findIndex(({ isUrgent }) => isUrgent);
    const [job] = queue.splice(Math.max(urgentAt, 0), 1);
    if (!job) return;
    lastId += 1;
    current = { ...job, id: lastId };
    worker ??= start();
    if (job.isUrgent) worker.ref();
    else worker.unref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage({ id: lastId, text: job.text } satisfies EmbedderRequest);
  };

  return {
    embed: (text, { isUrgent = false, signal } = {}) =>
      new Promise((resolve, reject) => {
        const read = text.slice(0, CHARS_MAX).toWellFormed().trim();
        if (refusal) return reject(refusal);
        if (signal?.aborted) return reject(new Error('given up', { cause: signal.reason }));
        if (read === '') return resolve(undefined);
        if (queue.length >= QUEUED_MAX) return reject(new Error('too many texts wait to be embedded'));
        const job: Job = { text: read, isUrgent, resolve, reject };
        const giveUp = () => {
          const at = queue.indexOf(job);
          if (at !== -1) queue.splice(at, 1);
          reject(new Error('given up', { cause: signal?.reason }));
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        queue.push(job);
        next();
      }),
    close: async () => {
      refuse(new Error('the embedder was closed'));
      await worker?.terminate();
    },
  };
}
