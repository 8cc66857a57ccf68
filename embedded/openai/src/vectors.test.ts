import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase } from './database.ts';
import type { Embedder } from './embedder.ts';
import { openEngine } from './index.ts';
import { aStore, clientOf, found } from './testing.ts';
import { createVectors } from './vectors.ts';

const MENU = `# Menu of Bendt

## Which breads suit celiacs?

Our buckwheat loaf is baked without wheat, in an oven of its own.

## Is there parking?

Yes, free, behind the shop.

## Do you deliver?

We bring orders to your door within five miles.
`;
const QUESTION = 'gluten intolerance';
const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('search by meaning', () => {
  test('finds a passage that shares no word with the question, keeps to filters, and its score stays below a match of words', async () => {
    const engine = openEngine({ path: ':memory:', embeddings: true });
    const client = clientOf(engine);
    const store = await aStore(client, { 'menu.md': MENU });
    expect(await found(client, store.id, QUESTION)).toEqual([]);

    await engine.embedded();
    const [best] = await found(client, store.id, QUESTION);
    expect(best?.content[0]?.text).toContain('buckwheat');
    const [verbatim] = await found(client, store.id, 'is there parking');
    expect(verbatim?.score).toBeGreaterThan(best?.score ?? 1);
    expect(await found(client, store.id, QUESTION, { type: 'eq', key: 'language', value: 'es' })).toEqual([]);
    await engine.close();
  });

  test('what was not embedded when the engine ended is embedded after it opens again', async () => {
    const path = join(folder, 'resumed.sqlite');
    const before = openEngine({ path });
    const store = await aStore(clientOf(before), { 'menu.md': MENU });
    await before.close();

    const after = openEngine({ path });
    await after.embedded();
    expect(await found(clientOf(after), store.id, QUESTION)).not.toEqual([]);
    await after.close();
  });

  test('switched off, words alone are searched', async () => {
    const engine = openEngine({ path: join(folder, 'off.sqlite'), embeddings: false });
    const store = await aStore(clientOf(engine), { 'menu.md': MENU });
    await engine.embedded();
    expect(await found(clientOf(engine), store.id, QUESTION)).toEqual([]);
    await engine.close();
  });
});

describe('the vectors beside the chunks', () => {
  test('a text that is known already, in a file that was uploaded again, is not embedded twice', async () => {
    const { vectors, embedder } = open(aDatabase(['same', 'other', 'same']));
    await vectors.drain();
    expect(embedder.texts).toEqual(['same', 'other']);
    await vectors.close();
  });

  test('a store over the limit is neither embedded nor searched by meaning', async () => {
    const { vectors, embedder } = open(aDatabase(['a', 'b', 'c']), { storeChunksMax: 2 });
    await vectors.drain();
    expect(embedder.texts).toEqual([]);
    expect(await vectors.readMeanings(['a'], [1])).toEqual(new Map());
    await vectors.close();
  });

  test('a question whose embedding does not come in time, or fails, is searched by its words', async () => {
    const database = aDatabase(['a']);
    const filled = open(database);
    await filled.vectors.drain();
    const silent = createVectors({ database, embedder: { ...filled.embedder, embed: () => new Promise(() => {}) } });
    expect(await silent.readMeanings(['a'], [1])).toEqual(new Map());
    const broken = createVectors({
      database,
      embedder: { ...filled.embedder, embed: () => Promise.reject(new Error('the model stopped')) },
    });
    expect(await broken.readMeanings(['a'], [1])).toEqual(new Map());
    await broken.drain();
    expect(await filled.vectors.readMeanings(['a'], [1])).toHaveProperty('size', 1);
  });

  test('a removed chunk takes its vector with it', async () => {
    const database = aDatabase(['a', 'b']);
    const { vectors } = open(database);
    await vectors.drain();
    const meaning = { direction: new Float32Array(4).fill(1), ordinary: new Float32Array(4) };
    const request = { storeSeqs: [1], count: 5 };
    expect(vectors.compare(meaning, request)?.nearest).toHaveLength(2);

    database.run('DELETE FROM store_files');
    expect(database.all('SELECT * FROM chunk_vectors')).toEqual([]);
    expect(vectors.compare(meaning, request)).toBeUndefined();
    await vectors.close();
  });
});

function open(database: Database, options: { storeChunksMax?: number } = {}) {
  const embedder = anEmbedder();
  return { embedder, vectors: createVectors({ database, embedder, ...options }) };
}

/** Answers at once, with a direction made of the text's length; remembers the texts that are not urgent. */
function anEmbedder(): Embedder & { texts: string[] } {
  const texts: string[] = [];
  return {
    texts,
    embed: async (text, { isUrgent } = {}) => {
      if (!isUrgent) texts.push(text);
      return Float32Array.from({ length: 4 }, (_, at) => Math.sin(text.length + at));
    },
    close: async () => {},
  };
}

/** One store with one indexed file of these chunks. */
function aDatabase(texts: string[]): Database {
  const database = openDatabase(':memory:');
  database.run(
    `INSERT INTO files (id, filename, purpose, bytes, created_at, content) VALUES ('f', 'f.md', 'p', 0, 0, x'')`,
  );
  database.run(
    `INSERT INTO vector_stores (id, name, created_at, last_active_at, metadata) VALUES ('v', 'v', 0, 0, '{}')`,
  );
  database.run(
    `INSERT INTO store_files (store_seq, file_seq, created_at, status, attributes, chunking)
     VALUES (1, 1, 0, 'completed', '{}', '{}')`,
  );
  for (const [at, text] of texts.entries()) {
    database.run(`INSERT INTO chunks (id, store, heading, text, words) VALUES (?, 's1', '', ?, 1)`, 2 ** 20 + at, text);
  }
  return database;
}
