import { DatabaseSync } from 'node:sqlite';

const STEMS_KEPT_MAX = 50_000;

export interface Words {
  /** Each word's stem, as the index has it. */
  stemsOf(words: string[]): string[];
  close(): void;
}

/** Folded words (letters and digits, lower case, no diacritics), cut as FTS5's unicode61 cuts them. Pure. */
export function splitWords(text: string): string[] {
  const folded = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * The stemmer of the index itself: words go through an FTS5 table in memory and are read back as its terms, so that what is
 * compared here can't differ from what is matched there. Stems are a pure function of the word, so keeping them is safe.
 */
export function openWords(): Words {
  const sqlite = new DatabaseSync(':memory:');
  sqlite.exec(`
    CREATE VIRTUAL TABLE words USING fts5 (word, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance);
  `);
  const insert = sqlite.prepare('INSERT INTO words (rowid, word) VALUES (?, ?)');
  const read = sqlite.prepare('SELECT doc, term FROM terms');
  const known = new Map<string, string>();

  const learn = (words: string[]) => {
    if (known.size + words.length > STEMS_KEPT_MAX) known.clear();
    sqlite.exec('BEGIN');
    for (const [at, word] of words.entries()) insert.run(at, word);
    for (const row of read.all()) known.set(words[Number(row['doc'])] ?? '', String(row['term']));
    sqlite.exec(`INSERT INTO words (words) VALUES ('delete-all'); COMMIT`);
  };

  return {
    stemsOf: (words) => {
      const unknown = [...new Set(words.filter((word) => !known.has(word)))];
      if (unknown.length > 0) learn(unknown);
      return words.map((word) => known.get(word) ?? word);
    },
    close: () => sqlite.close(),
  };
}
