import type { CompareAsk } from './compare-ask.ts';
import type { Language } from './language.ts';
import { type ProductAsk, queryOf, thingOf } from './product-ask.ts';
import { splitWords } from '../words.ts';
import { createRelevance, type Weighing } from './relevance.ts';
import { asSentence, splitSentences } from './sentences.ts';
import type { FoundProduct } from './structured.ts';

/** Below it, a product shares a word with the question but isn't what is asked for. */
const FIT_MIN = 0.6;
/** What is told of what isn't sold but comes close. */
const CLOSE_MIN = 0.45;
/** Where nothing has all that was named, those that have nearly as much are told as well. */
const PARTLY = 0.85;
const PARTLY_STEP = 0.25;
const CLOSEST_MAX = 3;
const RULED_OUT =
  /\b(?:without|free of|free from|doesn't (?:have|contain)|don't (?:have|contain)) (?:any )?(\p{L}{3,}?)s?\b|\b(\p{L}{3,})[- ]free\b/u;
const PREPOSITION = /^(for|with|of|in|on|to|without|and|or|\d.*)$/;
/** Products that fit this much less than the best one are something else. */
const FIT_STEP = 0.05;

export interface FittingProducts {
  products: FoundProduct[];
  /** How well the best one's name fits, 0..1; 1 if no name was asked for. */
  nameFit: number;
}

/** Those of the found products that are what was asked for. Pure. */
export function chooseProducts(
  found: readonly FoundProduct[],
  query: string | null,
  weighing: Weighing,
): FittingProducts {
  if (query === null) return { products: [...found], nameFit: found.length > 0 ? 1 : 0 };
  const relevance = createRelevance(query, weighing);
  const scored = found.map((product) => {
    const group = `${product.name} ${product.category ?? ''}`;
    const named = relevance.coverage(product.name);
    const grouped = 0.98 * relevance.coverage(group);
    const told = 0.9 * relevance.coverage(`${group} ${product.description ?? ''}`);
    return { product, named, fit: Math.max(named, grouped, told) };
  });
  const best = Math.max(0, ...scored.map(({ fit }) => fit));
  const step = best < PARTLY ? PARTLY_STEP : FIT_STEP;
  const fitting = best < FIT_MIN ? [] : scored.filter(({ fit }) => fit >= best - step);
  return {
    products: fitting.map(({ product }) => product),
    nameFit: Math.max(0, ...fitting.map(({ named }) => named)),
  };
}

/** The product whose whole name a sentence speaks of, details behind a comma aside; the longest name if there are some. Pure. */
export function findNamed(
  found: readonly FoundProduct[],
  sentence: string,
  weighing: Weighing,
): FoundProduct | undefined {
  const { precision } = createRelevance(sentence, weighing);
  return found
    .filter(({ name }) => precision(nameOf(name)) === 1)
    .toSorted((a, b) => nameOf(b.name).length - nameOf(a.name).length)[0];
}

/** Those that share at least the thing itself, or most of the words, with what isn't sold. Pure. */
export function findClosest(found: readonly FoundProduct[], text: string, weighing: Weighing): FoundProduct[] {
  const thing = thingOf(text);
  const query = queryOf(text);
  if (thing === null || query === null) return [];
  const [whole, itself] = [createRelevance(query, weighing), createRelevance(thing, weighing)];
  const isThing = ({ name }: FoundProduct) => itself.coverage(splitWords(nameOf(name)).at(-1) ?? '') === 1;
  return found.filter((product) => isThing(product) || whole.coverage(product.name) >= CLOSE_MIN).slice(0, CLOSEST_MAX);
}

/** "Oak table" of "Oak table, round (60 inch)". */
export function nameOf(name: string): string {
  return name.replace(/(?<=.)[,;:(].*$/, '');
}

/** Who asks for a plural wants those things, not what is for them: a "binocular harness" is no binoculars. Pure. */
export function withoutAccessories(products: readonly FoundProduct[], query: string | null): FoundProduct[] {
  const noun = pluralOf(query);
  if (noun === undefined) return [...products];
  const kept = products.filter((product) => !isFor(noun, product));
  return kept.length > 0 ? kept : [...products];
}

/** Whether all of them are only for what was asked for in the plural: who sells piano lessons sells no pianos. Pure. */
export function areAccessories(products: readonly FoundProduct[], query: string | null): boolean {
  const noun = pluralOf(query);
  return noun !== undefined && products.length > 0 && products.every((product) => isFor(noun, product));
}

function pluralOf(query: string | null): string | undefined {
  return /([\p{L}-]{4,})s$/u.exec(query?.toLowerCase() ?? '')?.[1];
}

function isFor(noun: string, { name }: FoundProduct): boolean {
  const words = splitWords(name.split(',')[0] ?? '');
  const at = words.findIndex((word) => word.replace(/(?<=.{3})s$/, '') === noun);
  return at !== -1 && at < words.length - 1 && !PREPOSITION.test(words[at + 1] ?? '');
}

/** Those that say that they are without what a question rules out ("anything without nuts"); all where it rules out nothing. Pure. */
export function withoutRuledOut(products: readonly FoundProduct[], question: string): FoundProduct[] {
  const ruledOut = RULED_OUT.exec(question.toLowerCase())
    ?.slice(1)
    .find((word) => word !== undefined);
  if (ruledOut === undefined) return [...products];
  const said = new RegExp(
    `\\b${ruledOut}s?[- ]free\\b|\\b(?:no|non|without|free of|free from)[- ](?:\\w+ )?${ruledOut}`,
    'i',
  );
  return products.filter(({ name, category, description }) =>
    said.test(`${name} ${category ?? ''} ${description ?? ''}`),
  );
}

/** The products in a sentence, as an answer to the question. Pure. */
export function sayProducts(
  products: readonly FoundProduct[],
  ask: ProductAsk,
  total: number,
  language: Language,
): string {
  const [first] = products;
  if (first === undefined) return '';
  if (ask.sort === 'price_asc' || ask.sort === 'price_desc') return sayExtreme(products, ask, language);
  return products.length === 1 ? sayOne(first, ask, language) : sayMany(products, ask, total, language);
}

function sayOne(product: FoundProduct, { wish, text }: ProductAsk, language: Language): string {
  const { name } = product;
  const price = product.price ?? '';
  const stock = isSelfEvident(product) && wish !== 'stock' ? '' : sayStock(product, language);
  const left = /\((\d+) left\)/.exec(stock)?.[1];
  if (left !== undefined && /\bhow many\b/i.test(text))
    return `We have ${left} left of ${name}${price ? `, at ${price}` : ''}.`;
  if (language === 'es')
    return `${wish === 'have' && !isGone(product) ? 'Sí, tenemos ' : ''}${name}: ${wish === 'price' ? 'cuesta ' : ''}${price}${stock ? `, ${stock}` : ''}.`;
  // Without a price, what is written of it says most likely how one is made.
  const more = isAmount(price) ? '' : firstSentence(product.description);
  if (isGone(product)) return `Sorry, ${name} is ${stock} at the moment${price ? `; it costs ${price}` : ''}.`;
  if (wish === 'price')
    return isAmount(price)
      ? `${name} costs ${price}${stock ? ` and is ${stock}` : ''}.`
      : `${name}: ${price || 'no price given'}${stock ? `, ${stock}` : ''}.${more}`;
  return `Yes, we have ${name}${price ? ` for ${price}` : ''}${stock ? `, ${stock}` : ''}.`
    .replace('for price on request', '(price on request)')
    .concat(more);
}

function sayMany(products: readonly FoundProduct[], ask: ProductAsk, total: number, language: Language): string {
  const listed = listProducts(products, language);
  const isAsked = ask.wish === 'have' || ask.wish === 'named' || ask.wish === 'stock';
  if (language === 'es')
    return `${isAsked ? 'Sí, tenemos' : 'Tenemos'} ${total}${total > products.length ? ', entre otros' : ''}: ${listed}.`;
  if (products.every(isGone)) return `Sorry, these are out of stock at the moment: ${listed}.`;
  return `${isAsked ? 'Yes, we have' : 'We have'} ${inWords(total)}${total > products.length ? ', among them' : ''}: ${listed}.`;
}

/** "NAME ($4.50); NAME ($5.00, out of stock)", as `follow-up.ts` reads it. Pure. */
export function listProducts(products: readonly FoundProduct[], language: Language): string {
  return products.map((product) => `${product.name} (${inBrackets(product, language)})`).join('; ');
}

function sayExtreme(products: readonly FoundProduct[], { sort }: ProductAsk, language: Language): string {
  const [product = { name: '' }] = products;
  const price = product.price ?? '';
  const stock = isSelfEvident(product) ? '' : sayStock(product, language);
  const next = isGone(product) && products.find((other) => !isGone(other));
  if (language === 'es')
    return `Lo más ${sort === 'price_asc' ? 'barato' : 'caro'} es ${product.name}: ${price}${stock ? `, ${stock}` : ''}.`;
  const rank = sort === 'price_asc' ? 'cheapest' : 'most expensive';
  const instead = next ? ` The ${rank} in stock is ${next.name}: ${next.price}.` : '';
  return `The ${rank} is ${product.name}: ${price}${stock ? `, ${stock}` : ''}.${instead}`;
}

/** Two products side by side; what is cheaper is read off their prices. Pure. */
export function sayComparison([a, b]: readonly [FoundProduct, FoundProduct], { by }: CompareAsk): string {
  const prices = [a, b].map(({ price }) => Number(/\d[\d,]*(?:\.\d+)?/.exec(price ?? '')?.[0].replaceAll(',', '')));
  const [priceA = NaN, priceB = NaN] = prices;
  if (by === 'nothing' || Number.isNaN(priceA) || Number.isNaN(priceB)) return [a, b].map(describe).join(' ');
  if (priceA === priceB) return `${a.name} and ${b.name} both cost ${a.price}.`;
  const [low, high] = priceA < priceB ? [a, b] : [b, a];
  return by === 'cheaper'
    ? `${low.name} is cheaper: it costs ${low.price}, ${high.name} ${high.price}.`
    : `${high.name} is more expensive: it costs ${high.price}, ${low.name} ${low.price}.`;
}

function describe({ name, price, description }: FoundProduct): string {
  return `${name} (${price ?? 'no price given'}):${firstSentence(description) || ' no more is known of it.'}`;
}

/** With a space before it, unless there is none. */
function firstSentence(description: string | null | undefined): string {
  const [first] = splitSentences(description?.replaceAll(/\s+/g, ' ').trim() ?? '');
  return first === undefined ? '' : ` ${asSentence(first)}`;
}

function inBrackets(product: FoundProduct, language: Language): string {
  const stock = sayStock(product, language);
  const isPlain = product.inStock !== false && !/advance|out of/.test(product.stock ?? '');
  return [product.price ?? '', isPlain ? '' : stock].filter((part) => part !== '').join(', ');
}

function sayStock({ stock, inStock }: FoundProduct, language: Language): string {
  const said = stock ?? (inStock === undefined || inStock === null ? '' : inStock ? 'in stock' : 'out of stock');
  if (language === 'en') return said;
  return said
    .replace(/out of stock/, 'agotado')
    .replace(/to be ordered in advance/, 'por encargo')
    .replace(/in stock/, 'disponible')
    .replace(/\((\d+) left\)/, '(quedan $1)');
}

/** That a service is in stock needs no saying; how many of a thing are left does. */
function isSelfEvident({ stock, inStock }: FoundProduct): boolean {
  return stock ? stock === 'in stock' : inStock !== false;
}

function isGone({ stock, inStock }: FoundProduct): boolean {
  return stock ? /\bout of stock\b|\bsold out\b/.test(stock) : inStock === false;
}

function isAmount(price: string): boolean {
  return /\d/.test(price);
}

function inWords(count: number): string {
  return ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'][count] ?? String(count);
}
