import { STOP_WORDS } from '../stop-words.ts';

export interface ProductAsk {
  kind: 'products';
  text: string;
  query: string | null;
  category?: string | null;
  minPrice: number | null;
  maxPrice: number | null;
  inStockOnly: boolean | null;
  sort: 'relevance' | 'price_asc' | 'price_desc' | null;
  wish: ProductWish;
}

/** What is wanted of the products; `named` where nothing but the thing is said, `property` is what is in them or what they are like. */
export type ProductWish = 'price' | 'stock' | 'have' | 'named' | 'property' | 'compare';

const PRICE =
  /\b(how much (is|are|does|do|for|was|would)\b|how much\??$|prices?|priced|pricing|costs?|cheap(er|est)?|least expensive|(most )?expensive|dearest|priciest)\b|\bhow much\b/;
const STOCK =
  /\b((in|out of) stock|available|availability|sold out|how many .*\b(left|in stock)|how many [\w -]+ (do|does) (you|u|they) have|any .* left)\b|^(is|are) (the|a|an|any|your|those|these|my) .+ in( yet| again| now)?\W*$/;
const HAVE =
  /\b((do|does|did) (you|u|ya|y'all|they|the shop|the store)( guys)?( also| still| currently| even)? (have(?! to\b)|sell|carry|stock|offer|make|bake|got|do|rent|provide)|got any|have you got|looking for|(want|like|need) to buy|where can i buy|can (i|we) (buy|get) (a|an|some|any)|(are|is) there any|(what|which) (kinds?|types?|sorts?) of|(what|which) [\w -]{2,40} (do|did) (you|u) (have|sell|carry|make|offer|do|rent))\b|^(any|got) (?!one\b)|^anything\b|^show me\b/;

const AMOUNT = String.raw`(?:us)?[$€£]?\s?(\d+(?:[.,]\d{1,2})?)`;
const CURRENCY = String.raw`(?:\s?(?:dollars?|bucks|usd|euros?|eur|pounds?|[€£]))`;
const LESS = '(?:under|below|less than|cheaper than|up to|at most|no more than|max(?:imum)?(?: of)?|within)';
const MORE = '(?:over|above|more than|at least|from|min(?:imum)?(?: of)?)';
const BETWEEN = new RegExp(`\\b(?:between|from) ${AMOUNT}${CURRENCY}? (?:and|to) ${AMOUNT}${CURRENCY}?`);

/** Words of the question's frame, not of the thing asked for. */
const FRAME = new Set(
  `price prices priced pricing cost costs cheap cheaper cheapest least most expensive dearest priciest affordable stock
  available availability sold sell selling carry offer make bake buy purchase find looking look want like today right
  currently still kind kinds type types sort sorts variety item items product products option options anything one ones each
  per under below over above between less than max maximum min minimum dollars dollar bucks usd euro euros left show list
  service services rate rates provide spot spots seat seats place places space spaces week weekend tonight tomorrow monday tuesday wednesday thursday friday saturday sunday guys also new other even many come comes shop store got please hi hello kinda good best`.split(
    /\s+/,
  ),
);

const SENTENCE =
  /\b(i|i'm|you|your|my|me|we|us|our|is|are|was|do|does|did|can|could|will|would|should|may|it|he|she|they|how|why|when|where|who|what|which|please|not|don't|won't)\b/i;
const PREPOSITION = /^(for|with|in|on|of|to|from|at|without|that|which|when|by|near|and|or|so|if|after|before|during)$/;

/** Whether and for which products a sentence asks: price, stock, cheapest, "do you have". Pure. */
export function findProductAsk(text: string): ProductAsk | undefined {
  const lower = text.toLowerCase();
  const range = findRange(lower);
  const wish = findWish(lower, range !== undefined);
  if (wish === undefined) return undefined;
  return {
    kind: 'products',
    text,
    query: queryOf(range ? lower.replace(range.words, ' ') : text),
    minPrice: range?.min ?? null,
    maxPrice: range?.max ?? null,
    inStockOnly: range && /\b(in stock|available)\b/.test(lower) ? true : null,
    sort: sortOf(lower),
    wish,
  };
}

function findWish(lower: string, hasRange: boolean): ProductWish | undefined {
  if (STOCK.test(lower)) return 'stock';
  if (hasRange) return HAVE.test(lower) ? 'have' : 'price';
  if (PRICE.test(lower)) return 'price';
  return HAVE.test(lower) ? 'have' : undefined;
}

/** An ask for products by their words alone. */
export function toProductAsk(text: string, query: string | null, wish: ProductWish): ProductAsk {
  return { kind: 'products', text, query, minPrice: null, maxPrice: null, inStockOnly: null, sort: null, wish };
}

function sortOf(lower: string): ProductAsk['sort'] {
  if (/\b(cheapest|least expensive|lowest price[ds]?)\b/.test(lower)) return 'price_asc';
  return /\b(most expensive|dearest|priciest|highest price[ds]?)\b/.test(lower) ? 'price_desc' : null;
}

interface PriceRange {
  min: number | null;
  max: number | null;
  words: string;
}

function findRange(lower: string): PriceRange | undefined {
  const both = BETWEEN.exec(lower);
  if (both) return { min: toAmount(both[1]), max: toAmount(both[2]), words: both[0] };
  const less = boundPattern(LESS).exec(lower);
  if (less) return { min: null, max: toAmount(less[1] ?? less[2]), words: less[0] };
  const more = boundPattern(MORE).exec(lower);
  return more ? { min: toAmount(more[1] ?? more[2]), max: null, words: more[0] } : undefined;
}

/** A bare number counts as an amount only at the sentence's end: "under 5 minutes" is none. */
function boundPattern(bound: string): RegExp {
  return new RegExp(`\\b${bound} (?:(?:us)?(?=[$€£])${AMOUNT}|${AMOUNT}(?=${CURRENCY}|\\s*[?.!]*$))${CURRENCY}?`);
}

function toAmount(text: string | undefined): number | null {
  return text === undefined ? null : Number(text.replace(',', '.'));
}

/** What is left of a sentence without its frame, in its own words. Pure. */
export function queryOf(text: string): string | null {
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’&-]*(?:\.\d+)?/gu) ?? [];
  const kept = words.filter((word) => {
    const plain = word
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/'(s|re|m|ll|d|ve)$/, '');
    return !STOP_WORDS.has(plain) && !FRAME.has(plain) && !plain.endsWith("n't");
  });
  return kept.length > 0 ? kept.join(' ').slice(0, 200) : null;
}

/** A few words that are no sentence ("gift cards?") ask for what they name. Pure. */
export function findBareAsk(text: string): ProductAsk | undefined {
  const words = text.match(/[\p{L}\p{N}'’&-]+/gu) ?? [];
  const query = queryOf(text);
  if (query === null || words.length > 4 || SENTENCE.test(text)) return undefined;
  return toProductAsk(text, query, 'named');
}

/** The thing itself among the words of a question: "dog food" is food, "kayaks for rent" are kayaks. Pure. */
export function thingOf(text: string): string | null {
  const words = text.toLowerCase().match(/[\p{L}\p{N}'’&-]+/gu) ?? [];
  const first = words.findIndex((word) => queryOf(word) !== null);
  if (first === -1) return null;
  const end = words.findIndex((word, at) => at > first && PREPOSITION.test(word));
  return words.slice(first, end === -1 ? undefined : end).findLast((word) => queryOf(word) !== null) ?? null;
}

/** What is asked for as the visitor wrote it, from its first word to its last. Pure. */
export function spanOf(text: string, query: string): string {
  const [first = '', last = first] = [query.split(' ')[0], query.split(' ').at(-1)];
  const from = text.indexOf(first);
  const to = text.indexOf(last, from);
  return from === -1 || to === -1 ? query : text.slice(from, to + last.length);
}
