import { NotFoundError, type OpenAI, toFile } from 'openai';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { retryUpstream } from '../platform/retry.ts';

export type Attributes = Record<string, string | number | boolean>;

export interface Passage {
  readonly fileId: string;
  readonly filename: string;
  readonly score: number;
  readonly text: string;
}

/** How a file stands in its vector store. `missing`: it isn't attached (any more). */
export type IndexState =
  | { readonly status: 'in_progress' | 'completed' | 'missing' }
  | { readonly status: 'failed'; readonly reason: string };

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Files and vector stores of the OpenAI API, each call with a timeout and retries, each harmless when it is done twice.
 * https://platform.openai.com/docs/api-reference/vector-stores
 */
export interface VectorStores {
  create(name: string, options: CallOptions): Promise<string>;
  /** Uploads bytes; each call makes a new file. */
  upload(filename: string, bytes: Uint8Array, options: CallOptions): Promise<string>;
  attach(storeId: string, fileId: string, attributes: Attributes, options: CallOptions): Promise<void>;
  /** Attaches up to 500 files by one call. */
  attachBatch(
    storeId: string,
    files: readonly { fileId: string; attributes: Attributes }[],
    options: CallOptions,
  ): Promise<void>;
  indexState(storeId: string, fileId: string, options: CallOptions): Promise<IndexState>;
  /** Polls until it is no longer `in_progress`, from 50 ms to 5 s apart; `in_progress` when the time is over. */
  untilIndexed(storeId: string, fileId: string, options: CallOptions & { timeoutMs: number }): Promise<IndexState>;
  search(
    storeId: string,
    query: { text: string; filters?: OpenAI.ComparisonFilter | OpenAI.CompoundFilter; limit: number },
    options: CallOptions,
  ): Promise<Passage[]>;
  /** Takes a file out of the store; one that isn't in it is fine. */
  detach(storeId: string, fileId: string, options: CallOptions): Promise<void>;
  /** Deletes a file everywhere; one that is gone is fine. */
  deleteFile(fileId: string, options: CallOptions): Promise<void>;
  /** Deletes a store, not the files in it; one that is gone is fine. */
  remove(storeId: string, options: CallOptions): Promise<void>;
  /** Ids of the files whose names begin like that, of all that the project has. */
  listFiles(prefix: string, options: CallOptions): Promise<string[]>;
  /** Ids of the stores of that name, of all that the project has. */
  listStores(name: string, options: CallOptions): Promise<string[]>;
}

export function createVectorStores(openai: OpenAI, clock: Clock): VectorStores {
  const call = <Result>(run: () => Promise<Result>, { signal }: CallOptions) =>
    retryUpstream(run, { attempts: 4, signal, clock });

  async function indexState(storeId: string, fileId: string, options: CallOptions): Promise<IndexState> {
    const file = await unlessMissing(
      call(() => openai.vectorStores.files.retrieve(fileId, { vector_store_id: storeId }, request(options)), options),
    );
    if (file === undefined) return { status: 'missing' };
    if (file.status === 'completed' || file.status === 'in_progress') return { status: file.status };
    return { status: 'failed', reason: file.last_error?.message ?? `the file is ${file.status}` };
  }

  return {
    indexState,

    async create(name, options) {
      const store = await call(() => openai.vectorStores.create({ name }, request(options)), options);
      return store.id;
    },

    async upload(filename, bytes, options) {
      // A streamed body can't be sent twice, so each try makes its own.
      const file = await call(
        async () =>
          openai.files.create({ file: await toFile(bytes, filename), purpose: 'assistants' }, request(options)),
        options,
      );
      return file.id;
    },

    async attach(storeId, fileId, attributes, options) {
      await call(
        () => openai.vectorStores.files.create(storeId, { file_id: fileId, attributes }, request(options)),
        options,
      );
    },

    async attachBatch(storeId, files, options) {
      const body = { files: files.map(({ fileId, attributes }) => ({ file_id: fileId, attributes })) };
      await call(() => openai.vectorStores.fileBatches.create(storeId, body, request(options)), options);
    },

    async untilIndexed(storeId, fileId, { signal, timeoutMs }) {
      const deadline = shiftDate(clock.now(), timeoutMs);
      for (let pauseMs = 50; ; pauseMs = Math.min(5000, pauseMs * 2)) {
        const state = await indexState(storeId, fileId, { signal });
        if (state.status !== 'in_progress' || clock.now() >= deadline) return state;
        await clock.wait(pauseMs, signal);
      }
    },

    async search(storeId, { text, filters, limit }, options) {
      const body = { query: text, max_num_results: limit, ...(filters ? { filters } : {}) };
      const page = await call(() => openai.vectorStores.search(storeId, body, request(options)), options);
      return page.data.map((hit) => ({
        fileId: hit.file_id,
        filename: hit.filename,
        score: hit.score,
        text: hit.content.map((part) => part.text).join('\n'),
      }));
    },

    async detach(storeId, fileId, options) {
      await unlessMissing(
        call(() => openai.vectorStores.files.delete(fileId, { vector_store_id: storeId }, request(options)), options),
      );
    },

    async deleteFile(fileId, options) {
      await unlessMissing(call(() => openai.files.delete(fileId, request(options)), options));
    },

    async remove(storeId, options) {
      await unlessMissing(call(() => openai.vectorStores.delete(storeId, request(options)), options));
    },

    async listFiles(prefix, options) {
      return call(async () => {
        const ids: string[] = [];
        const pages = openai.files.list({ purpose: 'assistants', limit: 10_000 }, request(options));
        for await (const { id, filename } of pages) if (filename.startsWith(prefix)) ids.push(id);
        return ids;
      }, options);
    },

    async listStores(name, options) {
      return call(async () => {
        const ids: string[] = [];
        const pages = openai.vectorStores.list({ limit: 100 }, request(options));
        for await (const store of pages) if (store.name === name) ids.push(store.id);
        return ids;
      }, options);
    },
  };
}

function request({ signal }: CallOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

async function unlessMissing<Result>(result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
