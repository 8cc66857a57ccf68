import { createHash } from 'node:crypto';
import { CHUNK_ID_BITS, type Database } from './database.ts';
import type { Embedder } from './embedder.ts';
import { type AttributeFilter, toCondition } from './filters.ts';
import { type Direction, meanDirection, toBytes } from './similarity.ts';
import { createStoreVectors } from './store-vectors.ts';

/** Each is some 20 to 80 ms of computing, once, and half a kilobyte. */
const STORE_CHUNKS_MAX = 10_000;
const QUERY_TIMEOUT_MS = 300;
/** Neither a start nor a first upload shares the processor with the model. */
const REST_MS = 1_000;
export interface Meaning {
  direction: Direction;
  /** What any sentence says, however little it has to do with the question. */
  ordinary: Direction;
}

export interface Comparison {
  /** The ids of the chunks nearest in meaning, nearest first. */
  nearest: number[];
  /** Cosine from the stores' centre, -1..1; undefined for a chunk without a vector. */
  similarityOf(chunkId: number): number | undefined;
}

export interface CompareRequest {
  storeSeqs: number[];
  filter?: AttributeFilter | undefined;
  /** At most this many nearest. */
  count: number;
}

export interface Vectors {
  /** Has the chunks that lack a vector embedded in the background. */
  wake(): void;
  /** Embeds at once whatever lacks a vector, and is done when nothing does. Never throws. */
  drain(): Promise<void>;
  /** The meaning of each query that could be embedded in time; none where these stores have no vectors. Never throws. */
  readMeanings(queries: string[], storeSeqs: number[]): Promise<Map<string, Meaning>>;
  /** Undefined where no chunk of the stores has a vector. */
  compare(meaning: Meaning, request: CompareRequest): Comparison | undefined;
  close(): Promise<void>;
}

/** Search by words alone. */
export const noVectors: Vectors = {
  wake: () => {},
  drain: async () => {},
  readMeanings: async () => new Map(),
  compare: () => undefined,
  close: async () => {},
};

/** Sentences that could stand in any business's files: the part of a meaning that tells nothing apart. */
const ORDINARY = [
  'We are open from Monday to Friday.',
  'Where can I find the shop?',
  'How much does it cost?',
  'This is made of wood and comes in three sizes.',
  'Please call us or write an e-mail.',
  'Yes, you can bring your children.',
  'The delivery takes two days.',
  'Our team has many years of experience.',
  'What do you recommend for a beginner?',
  'It was founded in 1998 by two brothers.',
  'Do you accept credit cards?',
  'Bread, cheese and fruit are on the menu.',
];

interface VectorsOptions {
  database: Database;
  embedder: Embedder;
  storeChunksMax?: number;
  restMs?: number;
}

interface WaitingChunk {
  id: number;
  heading: string;
  text: string;
}

/**
 * What the chunks mean, beside them in SQLite. The chunks without a row are the queue, so that what a stop or a crash left is taken up when
 * the file is next opened. Stores of more than `storeChunksMax` chunks are searched by words alone.
 */
export function createVectors(options: VectorsOptions): Vectors {
  const { database, embedder, storeChunksMax = STORE_CHUNKS_MAX, restMs = REST_MS } = options;
  const storeVectors = createStoreVectors(database);
  const closing = new AbortController();
  let resting: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let ordinary: Promise<Direction> | undefined;

  const findWaiting = (afterId: number) =>
    database.get<WaitingChunk>(
      `SELECT c.id, c.heading, c.text
       FROM chunks AS c JOIN vector_stores AS vs ON vs.seq = CAST(substr(c.store, 2) AS INTEGER)
       WHERE c.id > ? AND vs.chunk_count <= ? AND NOT EXISTS (SELECT 1 FROM chunk_vectors WHERE chunk_id = c.id)
       ORDER BY c.id LIMIT 1`,
      afterId,
      storeChunksMax,
    );

  const embedChunk = async (chunk: WaitingChunk) => {
    const text = tellingText(chunk);
    const hash = createHash('sha256').update(text).digest().subarray(0, 16);
    // A file that was changed and uploaded again is mostly what it was.
    const known = database.get<{ vector: Uint8Array }>('SELECT vector FROM chunk_vectors WHERE text_hash = ?', hash);
    const direction = known ? undefined : await embedder.embed(text, { signal: closing.signal });
    const vector = known?.vector ?? (direction ? toBytes(direction) : new Uint8Array());
    // The chunk may have been removed, or embedded by another process, in the meantime.
    database.run(
      'INSERT OR IGNORE INTO chunk_vectors (chunk_id, text_hash, vector) SELECT id, ?2, ?3 FROM chunks WHERE id = ?1',
      chunk.id,
      hash,
      vector,
    );
  };

  const embedWaiting = async () => {
    let waiting = findWaiting(-1);
    if (!waiting && !hasVectors()) return;
    // Where there are vectors, the model is warm before the first question.
    await readOrdinary();
    while (waiting && !closing.signal.aborted) {
      await embedChunk(waiting);
      waiting = findWaiting(waiting.id);
    }
  };

  const hasVectors = () => database.get('SELECT 1 FROM chunk_vectors LIMIT 1') !== undefined;

  const readOrdinary = () => {
    ordinary ??= Promise.all(ORDINARY.map((text) => embedder.embed(text, { isUrgent: true })))
      .then((directions) => meanDirection(directions.filter((direction) => direction !== undefined)))
      .catch((error: unknown) => {
        // The queue may have been full: the next one tries again.
        ordinary = undefined;
        throw error;
      });
    return ordinary;
  };

  const run = () => {
    running ??= embedWaiting()
      // The embedder says once why it stopped; what still waits does so until the file is next opened.
      .catch(() => {})
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  const wake = () => {
    if (resting || closing.signal.aborted) return;
    resting = setTimeout(() => {
      resting = undefined;
      if (running) wake();
      else void run();
    }, restMs).unref();
  };

  const drain = async () => {
    // The model's thread doesn't keep a process alive; who waits for it does.
    const waiting = setInterval(() => {}, 60_000);
    try {
      await running;
      await run();
    } finally {
      clearInterval(waiting);
    }
  };

  const isSmall = (storeSeqs: number[]) => {
    const counted = database.get<{ chunks: number }>(
      'SELECT sum(chunk_count) AS chunks FROM vector_stores WHERE seq IN (SELECT value FROM json_each(?))',
      JSON.stringify(storeSeqs),
    );
    return (counted?.chunks ?? 0) <= storeChunksMax;
  };

  const readMeanings = async (queries: string[], storeSeqs: number[]) => {
    const meanings = new Map<string, Meaning>();
    if (queries.length === 0 || storeSeqs.length === 0 || !isSmall(storeSeqs) || !hasVectors()) return meanings;
    const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
    const read = async (query: string) => {
      const [common, direction] = await Promise.all([
        within(signal, readOrdinary()),
        embedder.embed(query, { isUrgent: true, signal }),
      ]);
      if (direction) meanings.set(query, { direction, ordinary: common });
    };
    await Promise.allSettled(queries.map(read));
    return meanings;
  };

  const findPassing = (storeSeqs: number[], filter: AttributeFilter): Set<number> => {
    const { sql, values } = toCondition(filter, 'attributes');
    const rows = database.allOnce<{ seq: number }>(
      // The stores are named first, so that the filter's own values can follow.
      `WITH asked AS (SELECT ?1 AS stores) SELECT seq FROM store_files
       WHERE store_seq IN (SELECT value FROM json_each((SELECT stores FROM asked))) AND ${sql}`,
      JSON.stringify(storeSeqs),
      ...values,
    );
    return new Set(rows.map(({ seq }) => seq));
  };

  const compare = (meaning: Meaning, { storeSeqs, filter, count }: CompareRequest): Comparison | undefined => {
    const { chunkIds, places, cloud } = storeVectors.read(storeSeqs, meaning.ordinary);
    if (chunkIds.length === 0) return undefined;
    const similarities = cloud.similaritiesTo(meaning.direction);
    const passing = filter && findPassing(storeSeqs, filter);
    const similarityAt = (at: number) => similarities[at] ?? 0;
    const candidates = [...chunkIds.keys()].filter((at) => !passing || passing.has(fileOf(chunkIds[at] ?? 0)));
    // In numbers alone: to sort all chunks costs ten times as much.
    const least = Float32Array.from(candidates, similarityAt).sort().at(-count) ?? -1;
    const nearest = candidates
      .filter((at) => similarityAt(at) >= least)
      .sort((a, b) => similarityAt(b) - similarityAt(a))
      .slice(0, count)
      .map((at) => chunkIds[at] ?? 0);
    return {
      nearest,
      similarityOf: (chunkId) => {
        const at = places.get(chunkId);
        return at === undefined ? undefined : similarityAt(at);
      },
    };
  };

  const close = async () => {
    closing.abort();
    clearTimeout(resting);
    await embedder.close();
    await running;
  };

  return { wake, drain, readMeanings, compare, close };
}

/** The `seq` of a chunk's store file. More bits than a shift can hold. */
function fileOf(chunkId: number): number {
  return Math.floor(chunkId / 2 ** CHUNK_ID_BITS);
}

/** The outermost heading says whose file it is, not what the passage is about. */
function tellingText({ heading, text }: WaitingChunk): string {
  const headings = heading.split(' > ');
  return [...(headings.length > 1 ? headings.slice(1) : headings), text].join('\n').trim();
}

async function within<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('timed out', { cause: signal.reason })), { once: true });
    }),
  ]);
}
