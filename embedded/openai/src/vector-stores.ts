import { z } from 'zod';
import { notFound, parseInput } from './api-error.ts';
import type { Database } from './database.ts';
import { cursorClause, parsePage, toList } from './page.ts';
import type { Route } from './router.ts';
import { chunkingStrategy, metadata } from './schemas.ts';
import type { StoreFiles } from './store-files.ts';

const DAY_S = 86_400;
/** A search touches the store's row at most this often. */
const ACTIVITY_GRAIN_S = 3_600;

export interface VectorStoreRow {
  seq: number;
  id: string;
  name: string;
  description: string | null;
  created_at: number;
  last_active_at: number;
  expires_after_days: number | null;
  metadata: string;
}

const name = z.string().max(256);
const expiresAfter = z.strictObject({ anchor: z.literal('last_active_at'), days: z.number().int().min(1).max(365) });

const createRequest = z.strictObject({
  name: name.nullish(),
  description: z.string().max(512).nullish(),
  file_ids: z.array(z.string()).max(500).optional(),
  expires_after: expiresAfter.nullish(),
  chunking_strategy: chunkingStrategy.optional(),
  metadata: metadata.nullish(),
});

const updateRequest = z.strictObject({
  name: name.nullish(),
  expires_after: expiresAfter.nullish(),
  metadata: metadata.nullish(),
});

export type VectorStores = ReturnType<typeof createVectorStores>;

interface VectorStoresOptions {
  database: Database;
  nowS: () => number;
  newId: (prefix: string) => string;
}

/** The stores themselves; what is in them is `store-files.ts`. */
export function createVectorStores({ database, nowS, newId }: VectorStoresOptions) {
  /** @throws ApiError 404 */
  const getStore = (id: string): VectorStoreRow => {
    const row = database.get<VectorStoreRow>('SELECT * FROM vector_stores WHERE id = ?', id);
    if (!row) throw notFound('vector store', id);
    return row;
  };

  const isExpired = (row: VectorStoreRow) => {
    const expiresAt = expiryOf(row);
    return expiresAt !== null && expiresAt <= nowS();
  };

  const countFiles = (seq: number) => {
    const rows = database.all<{ status: FileStatus; files: number; bytes: number }>(
      `SELECT status, count(*) AS files, sum(usage_bytes) AS bytes FROM store_files WHERE store_seq = ? GROUP BY status`,
      seq,
    );
    return { fileCounts: toFileCounts(rows), usageBytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
  };

  const toStore = (row: VectorStoreRow) => {
    const { fileCounts, usageBytes } = countFiles(row.seq);
    const days = row.expires_after_days;
    const settled = fileCounts.in_progress > 0 ? ('in_progress' as const) : ('completed' as const);
    return {
      id: row.id,
      object: 'vector_store' as const,
      created_at: row.created_at,
      name: row.name,
      ...(row.description !== null && { description: row.description }),
      usage_bytes: usageBytes,
      file_counts: fileCounts,
      status: isExpired(row) ? ('expired' as const) : settled,
      ...(days !== null && { expires_after: { anchor: 'last_active_at' as const, days } }),
      expires_at: expiryOf(row),
      last_active_at: row.last_active_at,
      metadata: JSON.parse(row.metadata) as Record<string, string>,
    };
  };

  const create = (input: z.output<typeof createRequest>) => {
    const id = newId('vs_');
    const createdAt = nowS();
    database.run(
      `INSERT INTO vector_stores (id, name, description, created_at, last_active_at, expires_after_days, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      input.name ?? '',
      input.description ?? null,
      createdAt,
      createdAt,
      input.expires_after?.days ?? null,
      JSON.stringify(input.metadata ?? {}),
    );
    return getStore(id);
  };

  const update = (row: VectorStoreRow, input: z.output<typeof updateRequest>) => {
    const days = input.expires_after === undefined ? row.expires_after_days : (input.expires_after?.days ?? null);
    database.run(
      'UPDATE vector_stores SET name = ?, expires_after_days = ?, metadata = ? WHERE seq = ?',
      input.name ?? row.name,
      days,
      input.metadata === undefined ? row.metadata : JSON.stringify(input.metadata ?? {}),
      row.seq,
    );
    return getStore(row.id);
  };

  const list = (query: Record<string, string>) => {
    const page = parsePage(query, { default: 20, max: 100 }, {});
    const cursor = cursorClause({ column: 'seq', page, getSeq: (id) => getStore(id).seq });
    const rows = database.all<VectorStoreRow>(`SELECT * FROM vector_stores WHERE 1 ${cursor.sql}`, ...cursor.values);
    return toList(rows.map(toStore), page.limit);
  };

  const remove = (id: string) => {
    database.run('DELETE FROM vector_stores WHERE seq = ?', getStore(id).seq);
    return { id, object: 'vector_store.deleted' as const, deleted: true };
  };

  /** Notes that a store is in use, which is what its expiry counts from. */
  const touch = (row: VectorStoreRow) => {
    if (row.last_active_at > nowS() - ACTIVITY_GRAIN_S) return;
    database.run('UPDATE vector_stores SET last_active_at = ? WHERE seq = ?', nowS(), row.seq);
  };

  const routes = (storeFiles: StoreFiles): Route[] => [
    {
      method: 'POST',
      path: '/vector_stores',
      answer: async (call) => {
        const input = parseInput(createRequest, await call.json());
        const entries = (input.file_ids ?? []).map((file_id) => ({ file_id }));
        const store = database.transact(() => {
          const created = create(input);
          storeFiles.enlist(created, entries, { chunking: input.chunking_strategy });
          return created;
        });
        storeFiles.indexSoon();
        return toStore(store);
      },
    },
    { method: 'GET', path: '/vector_stores', answer: (call) => list(call.query) },
    {
      method: 'GET',
      path: '/vector_stores/:store_id',
      answer: (call) => toStore(getStore(call.param('store_id'))),
    },
    {
      method: 'POST',
      path: '/vector_stores/:store_id',
      answer: async (call) => {
        const input = parseInput(updateRequest, await call.json());
        return toStore(update(getStore(call.param('store_id')), input));
      },
    },
    { method: 'DELETE', path: '/vector_stores/:store_id', answer: (call) => remove(call.param('store_id')) },
  ];

  return { routes, getStore, isExpired, touch };
}

export type FileStatus = 'in_progress' | 'completed' | 'failed' | 'cancelled';

export function toFileCounts(rows: { status: FileStatus; files: number }[]) {
  const counts = { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 };
  for (const { status, files } of rows) {
    counts[status] += files;
    counts.total += files;
  }
  return counts;
}

function expiryOf(row: VectorStoreRow): number | null {
  return row.expires_after_days === null ? null : row.last_active_at + row.expires_after_days * DAY_S;
}
