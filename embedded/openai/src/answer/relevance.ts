import { STOP_WORDS } from '../stop-words.ts';
import { type Words, splitWords } from '../words.ts';

export interface Weighing {
  words: Words;
  /** What each word of a text weighs in the files, keyed by stem. */
  weigh: (query: string) => Map<string, number>;
}

export interface Relevance {
  /** The share of the question's weight whose words a text has, 0..1. */
  coverage(text: string): number;
  /** The share of a text's telling words that the question has, 0..1. */
  precision(text: string): number;
}

/** Words that say how something is asked, not what: they don't tell one text from another. */
const FRAME = new Set(
  `much price cost costs prices have has sell carry offer stock available cheapest expensive buy get need want looking find
  kind kinds type types like please today now left many contain contains ingredients made come help often long
  difference compare cheaper better should able possible allowed welcome permitted policy program offer offered sells selling fee fees charge good nice
  great excellent decent big large small wide reliable quality value worth selection variety choice choices options lots lot
  reasonable reasonably affordable fast serve served serves place restaurant hotel cafe business establishment
  shop store accept accepts accepted accepting take takes taking provide provides include includes included use using know
  happens happen someone see sees treat handle`.split(/\s+/),
);

/** Plurals that no stemmer takes back to their singular. */
const SINGULAR = new Map(
  `teeth:tooth feet:foot geese:goose mice:mouse men:man women:woman children:child people:person knives:knife wives:wife
  leaves:leaf loaves:loaf shelves:shelf scarves:scarf wolves:wolf halves:half calves:calf tomatoes:tomato potatoes:potato`
    .split(/\s+/)
    .map((pair) => pair.split(':') as [string, string]),
);

/** How texts fit a question, by the weight of shared stems. Without a telling word all of its words count. */
export function createRelevance(question: string, { words, weigh }: Weighing): Relevance {
  const all = wordsOf(question).filter((word) => !STOP_WORDS.has(word));
  const telling = all.filter((word) => !FRAME.has(word));
  const chosen = telling.length > 0 ? telling : all;
  const known = weigh(chosen.join(' '));
  const stems = new Set(words.stemsOf(chosen));
  const weightOf = (stem: string) => known.get(stem) ?? 1;
  const sum = [...stems].reduce((total, stem) => total + weightOf(stem), 0);
  return {
    coverage: (text) => {
      const has = new Set(words.stemsOf(wordsOf(text)));
      const covered = [...stems].filter((stem) => has.has(stem)).reduce((total, stem) => total + weightOf(stem), 0);
      return sum === 0 ? 0 : covered / sum;
    },
    precision: (text) => {
      const own = wordsOf(text).filter((word) => !STOP_WORDS.has(word) && !FRAME.has(word));
      if (own.length === 0) return 0;
      return words.stemsOf(own).filter((stem) => stems.has(stem)).length / own.length;
    },
  };
}

function wordsOf(text: string): string[] {
  return splitWords(text).map((word) => SINGULAR.get(word) ?? word);
}
