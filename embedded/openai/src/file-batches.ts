import { z } from 'zod';
import { notFound, parseInput } from './api-error.ts';
import type { Database } from './database.ts';
import type { Route } from './router.ts';
import { attributes, chunkingStrategy } from './schemas.ts';
import { type StoreFiles, storeFileEntry } from './store-files.ts';
import { type FileStatus, type VectorStores, toFileCounts } from './vector-stores.ts';

const FILES_MAX = 2_000;

interface BatchRow {
  seq: number;
  id: string;
  created_at: number;
  store_id: string;
  is_cancelled: number;
}

const createRequest = z
  .strictObject({
    file_ids: z.array(z.string()).min(1).max(FILES_MAX).optional(),
    files: z.array(storeFileEntry).min(1).max(FILES_MAX).optional(),
    attributes: attributes.nullish(),
    chunking_strategy: chunkingStrategy.optional(),
  })
  .refine((input) => (input.file_ids === undefined) !== (input.files === undefined), {
    path: ['file_ids'],
    message: "give either 'file_ids' or 'files'",
  });

interface FileBatchesOptions {
  database: Database;
  stores: VectorStores;
  storeFiles: StoreFiles;
  nowS: () => number;
  newId: (prefix: string) => string;
}

/** Many files put in a store by one call and indexed in the background. */
export function createFileBatches({ database, stores, storeFiles, nowS, newId }: FileBatchesOptions): Route[] {
  const getBatch = (storeId: string, batchId: string): BatchRow => {
    const row = database.get<BatchRow>(
      `SELECT b.seq, b.id, b.created_at, vs.id AS store_id, b.is_cancelled
       FROM file_batches AS b JOIN vector_stores AS vs ON vs.seq = b.store_seq WHERE b.id = ? AND vs.id = ?`,
      batchId,
      stores.getStore(storeId).id,
    );
    if (!row) throw notFound('vector store file batch', batchId);
    return row;
  };

  const toBatch = (row: BatchRow) => {
    const counted = database.all<{ status: FileStatus; files: number }>(
      'SELECT status, count(*) AS files FROM store_files WHERE batch_seq = ? GROUP BY status',
      row.seq,
    );
    const fileCounts = toFileCounts(counted);
    if (fileCounts.in_progress > 0) storeFiles.indexSoon();
    const settled = fileCounts.in_progress > 0 ? ('in_progress' as const) : ('completed' as const);
    return {
      id: row.id,
      object: 'vector_store.files_batch' as const,
      created_at: row.created_at,
      vector_store_id: row.store_id,
      status: row.is_cancelled === 1 ? ('cancelled' as const) : settled,
      file_counts: fileCounts,
    };
  };

  const create = (storeId: string, input: z.output<typeof createRequest>) => {
    const store = stores.getStore(storeId);
    const id = newId('vsfb_');
    database.transact(() => {
      const { lastId } = database.run(
        'INSERT INTO file_batches (id, created_at, store_seq) VALUES (?, ?, ?)',
        id,
        nowS(),
        store.seq,
      );
      // The batch's own attributes and strategy are for `file_ids`; with `files` each entry brings its own.
      const shared = input.files ? {} : { attributes: input.attributes, chunking: input.chunking_strategy };
      const entries = input.files ?? (input.file_ids ?? []).map((file_id) => ({ file_id }));
      storeFiles.enlist(store, entries, { batchSeq: lastId, ...shared });
    });
    return toBatch(getBatch(storeId, id));
  };

  const cancel = (row: BatchRow) =>
    database.transact(() => {
      const { changes } = database.run(
        `UPDATE store_files SET status = 'cancelled' WHERE batch_seq = ? AND status = 'in_progress'`,
        row.seq,
      );
      if (changes > 0) database.run('UPDATE file_batches SET is_cancelled = 1 WHERE seq = ?', row.seq);
    });

  const path = '/vector_stores/:store_id/file_batches';
  return [
    {
      method: 'POST',
      path,
      answer: async (call) => create(call.param('store_id'), parseInput(createRequest, await call.json())),
    },
    {
      method: 'GET',
      path: `${path}/:batch_id`,
      answer: (call) => toBatch(getBatch(call.param('store_id'), call.param('batch_id'))),
    },
    {
      method: 'GET',
      path: `${path}/:batch_id/files`,
      answer: (call) => {
        const batch = getBatch(call.param('store_id'), call.param('batch_id'));
        return storeFiles.listFiles(stores.getStore(call.param('store_id')), call.query, batch.seq);
      },
    },
    {
      method: 'POST',
      path: `${path}/:batch_id/cancel`,
      answer: (call) => {
        const batch = getBatch(call.param('store_id'), call.param('batch_id'));
        cancel(batch);
        return toBatch(getBatch(call.param('store_id'), batch.id));
      },
    },
  ];
}
