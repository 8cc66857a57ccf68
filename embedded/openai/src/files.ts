import { z } from 'zod';
import { ApiError, notFound, parseInput } from './api-error.ts';
import type { Database } from './database.ts';
import { cursorClause, parsePage, toList } from './page.ts';
import type { Route } from './router.ts';

export interface FileRow {
  seq: number;
  id: string;
  filename: string;
  purpose: string;
  bytes: number;
  created_at: number;
  expires_at: number | null;
}

interface FilesOptions {
  database: Database;
  nowS: () => number;
  newId: (prefix: string) => string;
}

const COLUMNS = 'seq, id, filename, purpose, bytes, created_at, expires_at';

const createForm = z.strictObject({
  file: z.instanceof(File),
  purpose: z.enum(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.coerce.number().int().min(3600).max(2_592_000).optional(),
});

export type Files = ReturnType<typeof createFiles>;

/** The uploaded files, kept byte for byte. */
export function createFiles({ database, nowS, newId }: FilesOptions) {
  /** @throws ApiError 404 */
  const getFile = (id: string): FileRow => {
    const row = database.get<FileRow>(`SELECT ${COLUMNS} FROM files WHERE id = ?`, id);
    if (!row) throw notFound('file', id);
    return row;
  };

  const readContent = (seq: number): Uint8Array => {
    const row = database.get<{ content: Uint8Array }>('SELECT content FROM files WHERE seq = ?', seq);
    if (!row) throw new ApiError(404, 'The file has been deleted.');
    return row.content;
  };

  const create = async (form: FormData) => {
    const input = parseInput(createForm, Object.fromEntries(form));
    const content = new Uint8Array(await input.file.arrayBuffer());
    const createdAt = nowS();
    const lifetimeS = input['expires_after[seconds]'];
    const id = newId('file-');
    database.run(
      `INSERT INTO files (id, filename, purpose, bytes, created_at, expires_at, content) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      input.file.name || 'upload',
      input.purpose,
      content.byteLength,
      createdAt,
      lifetimeS === undefined ? null : createdAt + lifetimeS,
      content,
    );
    return toFile(getFile(id));
  };

  const list = (query: Record<string, string>) => {
    const page = parsePage(query, { default: 10_000, max: 10_000 }, { purpose: z.string().optional() });
    const cursor = cursorClause({ column: 'seq', page, getSeq: (id) => getFile(id).seq });
    const rows = database.all<FileRow>(
      `SELECT ${COLUMNS} FROM files WHERE (?1 IS NULL OR purpose = ?1) ${cursor.sql}`,
      page.purpose ?? null,
      ...cursor.values,
    );
    return toList(rows.map(toFile), page.limit);
  };

  const remove = (id: string) => {
    database.run('DELETE FROM files WHERE seq = ?', getFile(id).seq);
    return { id, object: 'file' as const, deleted: true };
  };

  /** An expired file is gone, from every store too. */
  const removeExpired = () => {
    const nowSeconds = nowS();
    const expired = database.get('SELECT 1 FROM files WHERE expires_at <= ? LIMIT 1', nowSeconds);
    if (expired) database.run('DELETE FROM files WHERE expires_at <= ?', nowSeconds);
  };

  const routes: Route[] = [
    { method: 'POST', path: '/files', answer: async (call) => create(await call.form()) },
    { method: 'GET', path: '/files', answer: (call) => list(call.query) },
    { method: 'GET', path: '/files/:file_id', answer: (call) => toFile(getFile(call.param('file_id'))) },
    { method: 'DELETE', path: '/files/:file_id', answer: (call) => remove(call.param('file_id')) },
    {
      method: 'GET',
      path: '/files/:file_id/content',
      answer: (call) => {
        const content = new Uint8Array(readContent(getFile(call.param('file_id')).seq));
        return new Response(content, { headers: { 'content-type': 'application/octet-stream' } });
      },
    },
  ];
  return { routes, getFile, readContent, removeExpired };
}

function toFile(row: FileRow) {
  const { seq: _seq, expires_at, ...file } = row;
  return { ...file, object: 'file' as const, status: 'processed' as const, ...(expires_at !== null && { expires_at }) };
}
