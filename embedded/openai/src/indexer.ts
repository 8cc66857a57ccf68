import { setImmediate } from 'node:timers/promises';
import { type Chunk, CHUNK_CHARS_MAX, chunkText } from './chunking.ts';
import { CHUNK_ID_BITS, type Database } from './database.ts';
import type { Files } from './files.ts';
import { type FileProblem, readText } from './read-text.ts';
import type { Vectors } from './vectors.ts';
import { splitWords } from './words.ts';

const CHUNKS_MAX = 2 ** CHUNK_ID_BITS;
const CHARS_A_TOKEN = 4;

interface WaitingFile {
  seq: number;
  store_seq: number;
  file_seq: number;
  filename: string;
  chunking: string;
}

export type ChunkingStrategy =
  | { type: 'auto' }
  | { type: 'static'; static: { max_chunk_size_tokens: number; chunk_overlap_tokens: number } };

export type Indexer = ReturnType<typeof createIndexer>;

/**
 * Turns store files that are `in_progress` into chunks. The rows themselves are the queue: what a crash left, or another
 * process, is found again, and indexing one twice leaves what indexing it once does.
 */
export function createIndexer({ database, files, vectors }: { database: Database; files: Files; vectors: Vectors }) {
  const closing = new AbortController();
  let running: Promise<void> | undefined;

  const findWaiting = (storeFileSeq?: number) =>
    database.get<WaitingFile>(
      `SELECT sf.seq, sf.store_seq, sf.file_seq, f.filename, sf.chunking
       FROM store_files AS sf JOIN files AS f ON f.seq = sf.file_seq
       WHERE sf.status = 'in_progress' AND (?1 IS NULL OR sf.seq = ?1) ORDER BY sf.seq LIMIT 1`,
      storeFileSeq ?? null,
    );

  /** Indexes one store file, if it still waits. */
  const indexNow = (storeFileSeq: number) => {
    const waiting = findWaiting(storeFileSeq);
    if (waiting) index(waiting);
  };

  const index = (waiting: WaitingFile): void => {
    const read = readText(waiting.filename, files.readContent(waiting.file_seq));
    if ('problem' in read) return fail(waiting.seq, read.problem);
    const chunks = chunkText(read.text, charsMax(waiting.chunking));
    if (chunks.length === 0) return fail(waiting.seq, { code: 'invalid_file', message: 'The file is empty.' });
    if (chunks.length > CHUNKS_MAX) {
      return fail(waiting.seq, {
        code: 'invalid_file',
        message: 'The file could not be parsed because it is too large.',
      });
    }
    complete(waiting, chunks);
    vectors.wake();
  };

  const fail = (seq: number, { code, message }: FileProblem) => {
    database.run(
      `UPDATE store_files SET status = 'failed', error_code = ?, error_message = ? WHERE seq = ? AND status = 'in_progress'`,
      code,
      message,
      seq,
    );
  };

  const complete = ({ seq, store_seq }: WaitingFile, chunks: Chunk[]) =>
    database.transact(() => {
      const usageBytes = chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk.text), 0);
      const { changes } = database.run(
        `UPDATE store_files SET status = 'completed', usage_bytes = ? WHERE seq = ? AND status = 'in_progress'`,
        usageBytes,
        seq,
      );
      // Detached, cancelled or indexed by another process in the meantime.
      if (changes === 0) return;
      for (const [at, { heading, text }] of chunks.entries()) {
        database.run(
          'INSERT INTO chunks (id, store, heading, text, words) VALUES (?, ?, ?, ?, ?)',
          seq * CHUNKS_MAX + at,
          `s${store_seq}`,
          heading,
          text,
          splitWords(heading).length + splitWords(text).length,
        );
      }
    });

  const drain = async () => {
    // A turn of the event loop between files: a batch never holds up an answer for longer than one file takes.
    for (await setImmediate(); !closing.signal.aborted; await setImmediate()) {
      const waiting = findWaiting();
      if (!waiting) break;
      index(waiting);
    }
  };

  /** Works off whatever waits, in the background. What a failing disk leaves waiting is taken up by the next call. */
  const wake = () => {
    running ??= drain()
      .catch((error: unknown) => console.error(error))
      .finally(() => {
        running = undefined;
      });
  };

  const close = async () => {
    closing.abort();
    await running;
  };

  return { indexNow, wake, close };
}

function charsMax(chunking: string): number {
  const strategy = JSON.parse(chunking) as ChunkingStrategy;
  return strategy.type === 'static' ? strategy.static.max_chunk_size_tokens * CHARS_A_TOKEN : CHUNK_CHARS_MAX;
}
