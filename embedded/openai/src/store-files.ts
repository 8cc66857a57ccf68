import { z } from 'zod';
import { ApiError, notFound, parseInput } from './api-error.ts';
import type { Database } from './database.ts';
import type { Files } from './files.ts';
import type { ChunkingStrategy, Indexer } from './indexer.ts';
import { cursorClause, parsePage, toList } from './page.ts';
import { findExtensionProblem, readText } from './read-text.ts';
import type { Route } from './router.ts';
import { attributes, chunkingStrategy } from './schemas.ts';
import type { Attributes } from './search.ts';
import type { FileStatus, VectorStoreRow, VectorStores } from './vector-stores.ts';

interface StoreFileRow {
  seq: number;
  id: string;
  filename: string;
  file_seq: number;
  store_id: string;
  created_at: number;
  status: FileStatus;
  error_code: 'server_error' | 'unsupported_file' | 'invalid_file' | null;
  error_message: string | null;
  attributes: string;
  chunking: string;
  usage_bytes: number;
}

const SELECT = `SELECT sf.seq, f.id, f.filename, sf.file_seq, vs.id AS store_id, sf.created_at, sf.status, sf.error_code,
  sf.error_message, sf.attributes, sf.chunking, sf.usage_bytes
  FROM store_files AS sf JOIN files AS f ON f.seq = sf.file_seq JOIN vector_stores AS vs ON vs.seq = sf.store_seq`;

export const storeFileEntry = z.strictObject({
  file_id: z.string(),
  attributes: attributes.nullish(),
  chunking_strategy: chunkingStrategy.optional(),
});

const updateRequest = z.strictObject({ attributes: attributes.nullable() });
const statusFilter = z.enum(['in_progress', 'completed', 'failed', 'cancelled']).optional();

interface Entry {
  file_id: string;
  attributes?: Attributes | null | undefined;
  chunking_strategy?: ChunkingStrategy | undefined;
}

interface EnlistOptions {
  batchSeq?: number;
  attributes?: Attributes | null | undefined;
  chunking?: ChunkingStrategy | undefined;
}

interface StoreFilesOptions {
  database: Database;
  files: Files;
  stores: VectorStores;
  indexer: Indexer;
  nowS: () => number;
}

export type StoreFiles = ReturnType<typeof createStoreFiles>;

/** Which files are in which store, with their attributes. A store file has no id of its own: it is the file's. */
export function createStoreFiles({ database, files, stores, indexer, nowS }: StoreFilesOptions) {
  const getStoreFile = (store: VectorStoreRow, fileId: string): StoreFileRow => {
    const row = database.get<StoreFileRow>(`${SELECT} WHERE sf.store_seq = ? AND f.id = ?`, store.seq, fileId);
    if (!row) throw notFound('vector store file', fileId);
    if (row.status === 'in_progress') indexer.wake();
    return row;
  };

  /**
   * Puts files in a store, to be indexed. One that is there already keeps its chunks and takes the new attributes, if any are
   * given; one that had failed or was cancelled is tried again.
   */
  const enlist = (store: VectorStoreRow, entries: Entry[], options: EnlistOptions = {}) =>
    database.transact(() => {
      for (const entry of entries) {
        const given = entry.attributes ?? options.attributes;
        database.run(
          `INSERT INTO store_files (store_seq, file_seq, batch_seq, created_at, status, attributes, chunking)
           VALUES (?1, ?2, ?3, ?4, 'in_progress', coalesce(?5, '{}'), ?6)
           ON CONFLICT (store_seq, file_seq) DO UPDATE SET
             batch_seq = excluded.batch_seq, attributes = coalesce(?5, attributes), error_code = NULL, error_message = NULL,
             status = iif(status IN ('failed', 'cancelled'), 'in_progress', status)`,
          store.seq,
          files.getFile(entry.file_id).seq,
          options.batchSeq ?? null,
          nowS(),
          given ? JSON.stringify(given) : null,
          JSON.stringify(entry.chunking_strategy ?? options.chunking ?? { type: 'auto' }),
        );
      }
    });

  const attach = (store: VectorStoreRow, entry: Entry) => {
    const problem = findExtensionProblem(files.getFile(entry.file_id).filename);
    if (problem) throw new ApiError(400, problem.message, { param: 'file_id', code: problem.code });
    enlist(store, [entry]);
    indexer.indexNow(getStoreFile(store, entry.file_id).seq);
    return toStoreFile(getStoreFile(store, entry.file_id));
  };

  const listFiles = (store: VectorStoreRow, query: Record<string, string>, batchSeq?: number) => {
    const page = parsePage(query, { default: 20, max: 100 }, { filter: statusFilter });
    const cursor = cursorClause({ column: 'sf.seq', page, getSeq: (id) => getStoreFile(store, id).seq });
    const rows = database.all<StoreFileRow>(
      `${SELECT} WHERE sf.store_seq = ?1 AND (?2 IS NULL OR sf.status = ?2) AND (?3 IS NULL OR sf.batch_seq = ?3) ${cursor.sql}`,
      store.seq,
      page.filter ?? null,
      batchSeq ?? null,
      ...cursor.values,
    );
    if (rows.some(({ status }) => status === 'in_progress')) indexer.wake();
    return toList(rows.map(toStoreFile), page.limit);
  };

  const setAttributes = (row: StoreFileRow, given: Attributes | null) =>
    database.run('UPDATE store_files SET attributes = ? WHERE seq = ?', JSON.stringify(given ?? {}), row.seq);

  const detach = (row: StoreFileRow) => {
    database.run('DELETE FROM store_files WHERE seq = ?', row.seq);
    return { id: row.id, object: 'vector_store.file.deleted' as const, deleted: true };
  };

  const readPages = (row: StoreFileRow) => {
    const read = readText(row.filename, files.readContent(row.file_seq));
    const data = 'text' in read ? [{ type: 'text' as const, text: read.text }] : [];
    return { object: 'vector_store.file_content.page' as const, data, has_more: false, next_page: null };
  };

  const path = '/vector_stores/:store_id/files';
  const filePath = `${path}/:file_id`;
  const routes: Route[] = [
    {
      method: 'POST',
      path,
      answer: async (call) => {
        const entry = parseInput(storeFileEntry, await call.json());
        return attach(stores.getStore(call.param('store_id')), entry);
      },
    },
    { method: 'GET', path, answer: (call) => listFiles(stores.getStore(call.param('store_id')), call.query) },
    {
      method: 'GET',
      path: filePath,
      answer: (call) => toStoreFile(getStoreFile(stores.getStore(call.param('store_id')), call.param('file_id'))),
    },
    {
      method: 'POST',
      path: filePath,
      answer: async (call) => {
        const input = parseInput(updateRequest, await call.json());
        const store = stores.getStore(call.param('store_id'));
        setAttributes(getStoreFile(store, call.param('file_id')), input.attributes);
        return toStoreFile(getStoreFile(store, call.param('file_id')));
      },
    },
    {
      method: 'DELETE',
      path: filePath,
      answer: (call) => detach(getStoreFile(stores.getStore(call.param('store_id')), call.param('file_id'))),
    },
    {
      method: 'GET',
      path: `${filePath}/content`,
      answer: (call) => readPages(getStoreFile(stores.getStore(call.param('store_id')), call.param('file_id'))),
    },
  ];

  return { routes, enlist, listFiles, indexSoon: indexer.wake };
}

function toStoreFile(row: StoreFileRow) {
  const chunking = JSON.parse(row.chunking) as ChunkingStrategy;
  return {
    id: row.id,
    object: 'vector_store.file' as const,
    created_at: row.created_at,
    vector_store_id: row.store_id,
    usage_bytes: row.usage_bytes,
    status: row.status,
    last_error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    // OpenAI's `auto` comes back as what it stands for; ours follows headings, which is `other`.
    chunking_strategy: chunking.type === 'static' ? chunking : { type: 'other' as const },
    attributes: JSON.parse(row.attributes) as Attributes,
  };
}
