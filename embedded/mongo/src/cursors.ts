import { randomInt } from 'node:crypto';
import { Long } from 'bson';
import { RawDocument } from './document.ts';
import { MongoServerError } from './errors.ts';

interface OpenCursor {
  namespace: string;
  items: Lookahead;
  usedAtMs: number;
}

export interface CursorReply {
  id: Long;
  ns: string;
  batch: RawDocument[];
}

/** Results that didn't fit into one answer wait here for getMore, at most ten minutes between two. */
export interface Cursors {
  /** @param batchSize undefined: 101 documents, as MongoDB does. */
  open(
    namespace: string,
    items: Iterator<Uint8Array>,
    batchSize: number | undefined,
    isSingleBatch: boolean,
  ): CursorReply;
  /** @throws CursorNotFound */
  more(id: Long, namespace: string, batchSize: number | undefined): CursorReply;
  has(id: Long): boolean;
  /** Whether there was one. */
  kill(id: Long): boolean;
  closeIdle(): void;
}

const firstBatchDocuments = 101;
const batchBytesMax = 16 * 1024 * 1024;
const idleMsMax = 600_000;
const noCursor = Long.fromNumber(0);

export function createCursors(nowMs: () => number = Date.now): Cursors {
  const open = new Map<string, OpenCursor>();

  function close(id: string) {
    open.get(id)?.items.return?.();
    return open.delete(id);
  }

  return {
    open(namespace, items, batchSize = firstBatchDocuments, isSingleBatch) {
      const lookahead = withLookahead(items);
      const batch = takeBatch(lookahead, batchSize);
      if (isSingleBatch || (batchSize > 0 && lookahead.isDone())) {
        items.return?.();
        return { id: noCursor, ns: namespace, batch };
      }
      const id = newCursorId();
      open.set(id.toString(), { namespace, items: lookahead, usedAtMs: nowMs() });
      return { id, ns: namespace, batch };
    },
    more(id, namespace, batchSize) {
      const cursor = open.get(id.toString());
      if (!cursor || cursor.namespace !== namespace) {
        throw new MongoServerError('CursorNotFound', `cursor id ${id.toString()} not found`);
      }
      cursor.usedAtMs = nowMs();
      const lookahead = cursor.items;
      const batch = takeBatch(lookahead, batchSize ? batchSize : Number.MAX_SAFE_INTEGER);
      if (!lookahead.isDone()) return { id, ns: namespace, batch };
      close(id.toString());
      return { id: noCursor, ns: namespace, batch };
    },
    has: (id) => open.has(id.toString()),
    kill: (id) => close(id.toString()),
    closeIdle() {
      for (const [id, cursor] of open) if (nowMs() - cursor.usedAtMs > idleMsMax) close(id);
    },
  };
}

interface Lookahead extends Iterator<Uint8Array> {
  peek(): Uint8Array | undefined;
  /** Reads one ahead, so that a cursor isn't kept for an answer that has nothing more. */
  isDone(): boolean;
}

function withLookahead(items: Iterator<Uint8Array>): Lookahead {
  let ahead: IteratorResult<Uint8Array> | undefined;
  const look = () => (ahead ??= items.next());
  return {
    next() {
      const result = look();
      ahead = undefined;
      return result;
    },
    return: () => items.return?.() ?? { done: true, value: undefined },
    peek: () => look().value as Uint8Array | undefined,
    isDone: () => look().done === true,
  };
}

function takeBatch(items: Lookahead, documentsMax: number): RawDocument[] {
  const batch: RawDocument[] = [];
  let bytes = 0;
  while (batch.length < documentsMax && !items.isDone()) {
    bytes += items.peek()?.length ?? 0;
    if (batch.length > 0 && bytes > batchBytesMax) break;
    batch.push(new RawDocument(items.next().value as Uint8Array));
  }
  return batch;
}

function newCursorId(): Long {
  return Long.fromBits(randomInt(1, 2 ** 32), randomInt(0, 2 ** 31));
}
