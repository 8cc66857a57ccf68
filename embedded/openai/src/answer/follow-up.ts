import { findPropertyAsk } from './property-ask.ts';
import { findBareAsk, findProductAsk, type ProductAsk, queryOf } from './product-ask.ts';
import type { Conversation } from './conversation.ts';

type Earlier = Conversation['earlier'];

const PRONOUN = /\b(it|its|that|this|they|them|those|these|one|ones)\b/i;
const ORDINAL = /\b(?:the )?(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)(?: one| of (?:them|those))?\b/i;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const ELLIPSIS =
  /^(?:and|or|what about|how about|and what about|and how about)\s+(?:for |in )?(?:the |a |an |your )?(.+)$/i;
const NARROWING = /^(?:and |or |what about |how about )+(?:for|with|without|as|in) /i;
const POINTER = /\b(it|that one|this one|they|them|those|these)\b/i;
/** An "it" that stands for nothing. */
const EXPLETIVE =
  /\bit(?:'s| is)? (?:possible|ok|okay|allowed|true|necessary|required|safe|free|worth|cold|hot|raining|late)\b|\bis it (?:possible|ok|okay|allowed|true|necessary|required|worth)\b/i;
const SIZE =
  /\b\d+(?:\.\d+)? ?(?:lbs?|pounds?|oz|ounces?|inch(?:es)?|ft|feet|g|kg|ml|l|liters?|gallons?|packs?|cups?)\b/gi;
/** As `say-products.ts` lists them: "… : NAME ($4.50); NAME ($5.00, out of stock)". */
const LISTED = /(?:^|: |; | and )([^;:()]+?(?:, [^;:()]+?)*) \([$€£]\d[^)]*\)/g;

/** What an ask leaves to the thread ("it", "the second one", "and the rye?", "in 5 lb") is filled in from there. Pure. */
export function resolveProducts(ask: ProductAsk, earlier: Earlier): ProductAsk {
  const ordinal = ORDINAL.exec(ask.text)?.[1]?.toLowerCase();
  const listed = ordinal === undefined ? undefined : pickListed(ordinal, earlier);
  if (listed !== undefined) return { ...ask, query: listed, sort: null };
  const isOpen = ask.query === null || (PRONOUN.test(ask.text) && isOnlySize(ask.query));
  // "How much?", "how many are left?"
  const isPointing = PRONOUN.test(ask.text) || /\bhow much\W*$/i.test(ask.text) || ask.wish === 'stock';
  if (!isOpen || !(isPointing || ask.sort !== null || ask.minPrice !== null || ask.maxPrice !== null)) return ask;
  const subject = lastSubject(earlier);
  if (subject === undefined) return ask;
  return { ...ask, query: ask.query === null ? subject : `${subject.replaceAll(SIZE, ' ').trim()} ${ask.query}` };
}

/**
 * "How much?" after a question that was about no product asks the same thing on; undefined where it stands by itself. Pure.
 */
export function continueQuestion(ask: ProductAsk, earlier: Earlier): string | undefined {
  if (ask.query !== null || ask.sort !== null || ask.minPrice !== null || ask.maxPrice !== null) return undefined;
  if (!PRONOUN.test(ask.text) && !/^(and )?how much\W*$/i.test(ask.text)) return undefined;
  const before = lastQuestion(earlier);
  return before === undefined || findProducts(before)?.query
    ? undefined
    : `${before.replace(/[?.!\s]+$/, '')}, ${ask.text}`;
}

/** "How long does it take?" with what "it" is, where the thread has named a product and the question nothing. Pure. */
export function resolvePronoun(text: string, earlier: Earlier): string {
  if (!POINTER.test(text) || EXPLETIVE.test(text) || (queryOf(text)?.split(' ').length ?? 0) > 2) return text;
  const before = lastQuestion(earlier);
  const subject = before === undefined ? undefined : findProducts(before)?.query;
  return subject ? text.replace(POINTER, subject) : text;
}

/** "And the rye?" after a question about products asks the same of the rye; undefined where nothing went before. Pure. */
export function continueProducts(text: string, earlier: Earlier): ProductAsk | undefined {
  const rest = ELLIPSIS.exec(text.replace(/[\s?.!]+$/, ''))?.[1];
  const query = rest === undefined ? null : queryOf(rest);
  const before = query === null ? undefined : lastProductAsk(earlier);
  return before && query !== null ? narrowed({ ...before, text }, text, query) : undefined;
}

/** "The double?" is another thing; "for two?" the same thing otherwise. */
function narrowed(ask: ProductAsk, text: string, query: string): ProductAsk {
  if (NARROWING.test(text)) return { ...ask, query: `${ask.query ?? ''} ${query}`.trim() };
  return { ...ask, query: withSizeOnly(query, ask.query) };
}

function findProducts(text: string): ProductAsk | undefined {
  return findPropertyAsk(text) ?? findProductAsk(text) ?? findBareAsk(text);
}

/** What the visitor last asked, hours aside: nobody asks how much they are. */
function lastQuestion(earlier: Earlier): string | undefined {
  return earlier.findLast(({ role, text }) => role === 'user' && !/\b(open|close[sd]?|hours)\b/i.test(text))?.text;
}

function withSizeOnly(query: string, before: string | null): string {
  return before !== null && isOnlySize(query) ? `${before.replaceAll(SIZE, ' ').trim()} ${query}` : query;
}

function isOnlySize(query: string): boolean {
  return query.replaceAll(SIZE, ' ').trim() === '';
}

function lastProductAsk(earlier: Earlier): ProductAsk | undefined {
  for (const { role, text } of earlier.toReversed()) {
    if (role !== 'user') continue;
    const ask = findProducts(text);
    if (ask?.query) return ask;
  }
  return undefined;
}

/** What the thread speaks of: the words of the last question about products, or the one product that was named. */
function lastSubject(earlier: Earlier): string | undefined {
  const names = listNames(earlier.findLast(({ role }) => role === 'assistant')?.text ?? '');
  return lastProductAsk(earlier)?.query ?? (names.length === 1 ? names[0] : undefined);
}

function pickListed(ordinal: string, earlier: Earlier): string | undefined {
  for (const { role, text } of earlier.toReversed()) {
    const names = role === 'assistant' ? listNames(text) : [];
    if (names.length < 2) continue;
    if (ordinal === 'last') return names.at(-1);
    const at = /^\d/.test(ordinal) ? Number(ordinal.slice(0, 1)) - 1 : ORDINALS.indexOf(ordinal);
    return names[at];
  }
  return undefined;
}

function listNames(text: string): string[] {
  return [...text.matchAll(LISTED)].map(([, name = '']) => name.trim());
}
