import type { Database } from '../database.ts';
import { STOP_WORDS } from '../stop-words.ts';
import { type Words, splitWords } from '../words.ts';
import { countEdits } from './edit-distance.ts';

/** Shorter words have too many neighbours. */
const LETTERS_MIN = 5;
/** A letter that was doubled is one that was not meant. */
const KNOWN_LETTERS_MIN = 4;
/** A stem stands for several words, and not each is in each chunk. */
const CHUNKS_READ = 5;
/** From here on two slips are forgiven. */
const LONG_LETTERS_MIN = 8;
const NEIGHBOURS_MAX = 5_000;
const CANDIDATES_MAX = 12;
/** Stems differ more than the words they come from. */
const STEM_EDITS_MAX = 3;
const CORRECTED_MAX = 8;

/** Mends slips in what a visitor names, by the words that stand in the files of these stores. */
export type Speller = (text: string, storeSeqs: readonly number[]) => string;

/**
 * A word that no file knows is replaced by one that is an edit away and begins alike; of several, by that in most chunks.
 * Only words of the stores asked about come into an answer.
 */
export function createSpeller({ database, words }: { database: Database; words: Words }): Speller {
  const findChunks = (stem: string, storeSeqs: readonly number[], limit: number) =>
    database.all<{ heading: string; text: string }>(
      'SELECT heading, text FROM chunk_index WHERE chunk_index MATCH ? LIMIT ?',
      `store : (${storeSeqs.map((seq) => `"s${seq}"`).join(' OR ')}) AND {heading text} : "${stem}"`,
      limit,
    );

  const neighbours = (stem: string) => {
    const [from, to] = [stem.slice(0, 2), `${stem.slice(0, 2)}\u{10ffff}`];
    return database
      .all<{ term: string; doc: number }>(
        'SELECT term, doc FROM chunk_terms WHERE term >= ? AND term < ? LIMIT ?',
        from,
        to,
        NEIGHBOURS_MAX,
      )
      .map(({ term, doc }) => ({ term, doc, edits: countEdits(stem, term) }))
      .filter(({ edits }) => edits <= STEM_EDITS_MAX)
      .sort((a, b) => a.edits - b.edits || b.doc - a.doc)
      .slice(0, CANDIDATES_MAX);
  };

  const correct = (word: string, storeSeqs: readonly number[]): string => {
    const [folded = ''] = splitWords(word);
    if (folded.length < LETTERS_MIN || /\d/.test(folded) || STOP_WORDS.has(folded)) return word;
    const [stem = folded] = words.stemsOf([folded]);
    if (findChunks(folded, storeSeqs, 1).length > 0) return word;
    const editsMax = folded.length >= LONG_LETTERS_MIN ? 2 : 1;
    for (const { term } of neighbours(stem)) {
      const written = findChunks(term, storeSeqs, CHUNKS_READ).flatMap(({ heading, text }) =>
        splitWords(`${heading} ${text}`),
      );
      const found = written.find((known) => known.length >= KNOWN_LETTERS_MIN && countEdits(folded, known) <= editsMax);
      if (found !== undefined) return found;
    }
    return word;
  };

  return (text, storeSeqs) => {
    if (storeSeqs.length === 0) return text;
    let left = CORRECTED_MAX;
    return text.replaceAll(/\p{L}{5,}/gu, (word) => (left-- > 0 ? correct(word, storeSeqs) : word));
  };
}
