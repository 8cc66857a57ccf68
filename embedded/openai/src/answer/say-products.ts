import type { CompareAsk } from './compare-ask.ts';
import type { Language } from './language.ts';
import type { ProductAsk } from './product-ask.ts';
import { splitWords } from '../words.ts';
import { createRelevance, type Weighing } from './relevance.ts';
import type { FoundProduct } from './structured.ts';

/** Below it, a product shares a word with the question but isn't what is asked for. */
const FIT_MIN = 0.6;
const PREPOSITION = /^(for|with|of|in|on|to|without|and|or|\d.*)$/;
/** Products that fit this much less than the best one are something else. */
const FIT_STEP = 0.05;

export interface FittingProducts {
  products: FoundProduct[];
  /** How well the best one's name fits, 0..1; 1 if none was named. */
  nameFit: number;
}

/** Those of the found products that are what was asked for. Pure. */
export function chooseProducts(
  found: readonly FoundProduct[],
  query: string | null,
  weighing: Weighing,
): FittingProducts {
  if (query === null) return { products: [...found], nameFit: 1 };
  const relevance = createRelevance(query, weighing);
  const scored = found.map((product) => {
    const group = `${product.name} ${product.category ?? ''}`;
    const named = relevance.coverage(product.name);
    const grouped = 0.98 * relevance.coverage(group);
    const told = 0.9 * relevance.coverage(`${group} ${product.description ?? ''}`);
    return { product, named, fit: Math.max(named, grouped, told) };
  });
  const best = Math.max(0, ...scored.map(({ fit }) => fit));
  const fitting = scored.filter(({ fit }) => fit >= FIT_MIN && fit >= best - FIT_STEP);
  return {
    products: fitting.map(({ product }) => product),
    nameFit: Math.max(0, ...fitting.map(({ named }) => named)),
  };
}

/** Who asks for a plural wants those things, not what is for them: a "binocular harness" is no binoculars. Pure. */
export function withoutAccessories(products: readonly FoundProduct[], query: string | null): FoundProduct[] {
  const noun = /([\p{L}-]{4,})s$/u.exec(query?.toLowerCase() ?? '')?.[1];
  if (noun === undefined) return [...products];
  const isAccessory = ({ name }: FoundProduct) => {
    const words = splitWords(name.split(',')[0] ?? '');
    const at = words.findIndex((word) => word.replace(/(?<=.{3})s$/, '') === noun);
    return at !== -1 && at < words.length - 1 && !PREPOSITION.test(words[at + 1] ?? '');
  };
  const kept = products.filter((product) => !isAccessory(product));
  return kept.length > 0 ? kept : [...products];
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
  if (ask.sort === 'price_asc' || ask.sort === 'price_desc') return sayExtreme(first, ask, language);
  return products.length === 1 ? sayOne(first, ask, language) : sayMany(products, ask, total, language);
}

function sayOne(product: FoundProduct, { wish }: ProductAsk, language: Language): string {
  const { name } = product;
  const price = product.price ?? '';
  const stock = sayStock(product, language);
  if (language === 'es')
    return `${wish === 'have' && !isGone(product) ? 'Sí, tenemos ' : ''}${name}: ${wish === 'price' ? 'cuesta ' : ''}${price}${stock ? `, ${stock}` : ''}.`;
  if (isGone(product)) return `Sorry, ${name} is ${stock} at the moment${price ? `; it costs ${price}` : ''}.`;
  if (wish === 'price')
    return isAmount(price)
      ? `${name} costs ${price}${stock ? ` and is ${stock}` : ''}.`
      : `${name}: ${price || 'no price given'}${stock ? `, ${stock}` : ''}.`;
  return `Yes, we have ${name}${price ? ` for ${price}` : ''}${stock ? `, ${stock}` : ''}.`.replace(
    'for price on request',
    '(price on request)',
  );
}

function sayMany(products: readonly FoundProduct[], ask: ProductAsk, total: number, language: Language): string {
  const listed = products.map((product) => `${product.name} (${inBrackets(product, language)})`).join('; ');
  const isAsked = ask.wish === 'have' || ask.wish === 'stock';
  if (language === 'es')
    return `${isAsked ? 'Sí, tenemos' : 'Tenemos'} ${total}${total > products.length ? ', entre otros' : ''}: ${listed}.`;
  if (products.every(isGone)) return `Sorry, these are out of stock at the moment: ${listed}.`;
  return `${isAsked ? 'Yes, we have' : 'We have'} ${inWords(total)}${total > products.length ? ', among them' : ''}: ${listed}.`;
}

function sayExtreme(product: FoundProduct, { sort }: ProductAsk, language: Language): string {
  const price = product.price ?? '';
  const stock = sayStock(product, language);
  if (language === 'es')
    return `Lo más ${sort === 'price_asc' ? 'barato' : 'caro'} es ${product.name}: ${price}${stock ? `, ${stock}` : ''}.`;
  const rank = sort === 'price_asc' ? 'cheapest' : 'most expensive';
  return `The ${rank} is ${product.name}: ${price}${stock ? `, ${stock}` : ''}.`;
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
  const first = /^.+?[.!?](?=\s|$)/.exec(description ?? '')?.[0] ?? '';
  return `${name} (${price ?? 'no price given'}): ${first || description || 'no more is known of it.'}`;
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

function isGone({ stock, inStock }: FoundProduct): boolean {
  return stock ? /\bout of stock\b|\bsold out\b/.test(stock) : inStock === false;
}

function isAmount(price: string): boolean {
  return /\d/.test(price);
}

function inWords(count: number): string {
  return ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'][count] ?? String(count);
}
