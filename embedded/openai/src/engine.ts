import { randomBytes } from 'node:crypto';
import { createSpeller } from './answer/spelling.ts';
import { openDatabase } from './database.ts';
import { createEmbedder } from './embedder.ts';
import { createFileBatches } from './file-batches.ts';
import { createFiles } from './files.ts';
import { createIndexer } from './indexer.ts';
import { createModelRoutes, EXTRACTIVE_MODEL } from './models.ts';
import { createResponses } from './responses.ts';
import { createRouter } from './router.ts';
import { createSearch } from './search.ts';
import { searchRoute } from './search-route.ts';
import { createStoreFiles } from './store-files.ts';
import { createVectorStores } from './vector-stores.ts';
import { createVectors, noVectors } from './vectors.ts';
import { openWords } from './words.ts';
import type { ChatServer } from './writer/stream-chat.ts';

export interface EngineOptions {
  /** The engine's own SQLite file, made if it isn't there; or `:memory:`. */
  path: string;
  /** Milliseconds since 1970. */
  now?: () => number;
  newId?: (prefix: string) => string;
  /** Without one, everybody who reaches the engine may use it. */
  apiKey?: string;
  /** Whether search also goes by meaning, which takes 150 to 300 MB. Where it isn't said: in a file yes, in memory no. */
  embeddings?: boolean;
  /** A chat server whose model writes the answers; absent: they are made by rules. */
  writer?: ChatServer | undefined;
}

export interface Engine {
  /** Fits the `fetch` option of the official SDK. Any host, the path below `/v1`. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Done once no chunk waits to be embedded: what is attached by now is found by meaning too. */
  embedded(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the engine on its file; files that a crash left unindexed are indexed in the background. */
export function openEngine(options: EngineOptions): Engine {
  const { path, now = Date.now, newId = randomId, apiKey, embeddings = path !== ':memory:', writer } = options;
  const nowS = () => Math.floor(now() / 1000);
  const database = openDatabase(path);
  const words = openWords();
  const files = createFiles({ database, nowS, newId });
  const vectors = embeddings ? createVectors({ database, embedder: createEmbedder() }) : noVectors;
  const indexer = createIndexer({ database, files, vectors });
  const stores = createVectorStores({ database, nowS, newId });
  const storeFiles = createStoreFiles({ database, files, stores, indexer, nowS });
  const search = createSearch({ database, words, vectors });
  const answer = createRouter({
    routes: [
      ...createModelRoutes(writer?.model ?? EXTRACTIVE_MODEL),
      ...files.routes,
      ...stores.routes(storeFiles),
      ...storeFiles.routes,
      ...createFileBatches({ database, stores, storeFiles, nowS, newId }),
      searchRoute({ stores, search }),
      ...createResponses({
        database,
        stores,
        search,
        answerer: { words, weigh: search.weigh, spell: createSpeller({ database, words }) },
        writer,
        nowMs: now,
        newId,
      }),
    ],
    apiKey,
    newId,
  });
  indexer.wake();
  vectors.wake();

  return {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      files.removeExpired();
      return answer(request);
    },
    embedded: vectors.drain,
    close: async () => {
      await indexer.close();
      await vectors.close();
      words.close();
      database.close();
    },
  };
}

function randomId(prefix: string): string {
  return `${prefix}${randomBytes(18).toString('hex')}`;
}
