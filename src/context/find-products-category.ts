import { foldWords } from './fold-words.ts';
import type { Product } from './product.model.ts';

/** Where the kind of thing ends and its details begin: "Balsam tree, 6 feet", "Massage 60 min", "Rack for two". */
const DETAILS = /\s*(?:[,;:(–]|\s-\s|(?<=\S\s)\d|\b(?:for|with|without|in|of|on|to|from)\b).*$/i;
const CONJUNCTION = /\s*(?:[,/&+]|\band\b|\bor\b)\s*/i;

/**
 * The products that a category asked for means. Whole tags and whole categories say best what belongs to it, and so does the thing that a name
 * ends with ("oak table" is a table, "table lamp" is none) or, where none ends so, begins with; where no product has any of them, the things that a
 * category lists ("Tables and chairs"); where nothing else does, whatever mentions the words. Pure.
 */
export function ofCategory(products: readonly Product[], category: string | null): Product[] {
  const words = foldWords(category ?? '');
  if (words.length === 0) return [...products];
  const labelled = products.filter((product) => isLabelled(product, words));
  const ending = products.filter(({ name }) => isThing(name, words));
  const beginning = () => products.filter(({ name }) => hasAll(foldWords(name).slice(0, words.length), words));
  const listed = () =>
    products.filter((product) => product.category.split(CONJUNCTION).some((part) => isThing(part, words)));
  const named = ending.length > 0 ? ending : beginning();
  const groups = labelled.length > 0 ? [...labelled, ...named] : [...ending, ...listed()];
  const chosen = new Set(groups.length > 0 ? groups : products.filter((product) => mentions(product, words)));
  // What is for the thing often stands in its category: "table legs" among the tables.
  const beside = new Set(ending.length > 0 ? beginning().filter((product) => !ending.includes(product)) : []);
  return products.filter((product) => chosen.has(product) && !beside.has(product));
}

/** All of the words stand in tags or a category that say nothing else. */
function isLabelled({ category, tags }: Product, words: readonly string[]): boolean {
  const labels = [category, ...tags].map(foldWords).filter((label) => hasAll(words, label));
  return hasAll(labels.flat(), words);
}

function isThing(text: string, words: readonly string[]): boolean {
  return hasAll(foldWords(text.replace(DETAILS, '')).slice(-words.length), words);
}

function mentions({ category, name, tags }: Product, words: readonly string[]): boolean {
  return hasAll(foldWords([category, name, ...tags].join(' ')), words);
}

function hasAll(known: readonly string[], words: readonly string[]): boolean {
  return words.every((word) => known.includes(word));
}
