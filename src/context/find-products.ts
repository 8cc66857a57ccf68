import type { Connection } from 'mongoose';
import { foldWords } from './fold-words.ts';
import type { FoundProducts, ProductQuery } from './knowledge.ts';
import { formatMoney, minorUnits } from './money.ts';
import { ofCategory } from './find-products-category.ts';
import { createProductModel, type Product } from './product.model.ts';
import { stockInWords } from './render.ts';

const CANDIDATES_MAX = 1000;
const SHOWN_MAX = 5;

/** Finds products for the assistant: exact conditions by the database, relevance by where the words stand. */
export function createProductFinder(connection: Connection) {
  const products = createProductModel(connection);
  return async (accountId: string, query: ProductQuery): Promise<FoundProducts> => {
    const words = foldWords([query.query ?? '', query.category ?? ''].join(' '));
    const find = (terms: object) =>
      products
        .find({ accountId, ...terms, ...conditionsOf(query) })
        .sort({ priceValue: query.sort === 'price_desc' ? -1 : 1 })
        .limit(CANDIDATES_MAX)
        .lean<Product[]>();
    if (words.length === 0) return describeFound(rankProducts(await find({}), query), query);
    // Those with all the words first: in a large shop any one of them is in too many products to look at.
    const exact = await find({ terms: { $all: words } });
    const candidates = exact.length > 0 ? exact : await find({ terms: { $in: words } });
    return describeFound(rankProducts(candidates, query), query);
  };
}

/** What the database decides, before any limit: stock and price. Who asks by price isn't shown what has none. */
function conditionsOf({ minPrice, maxPrice, inStockOnly, sort }: ProductQuery): object {
  const isByPrice = minPrice !== null || maxPrice !== null || sort === 'price_asc' || sort === 'price_desc';
  const bounds = { $gte: minPrice ?? 0, ...(maxPrice === null ? {} : { $lte: maxPrice }) };
  return {
    ...(inStockOnly === true ? { stock: { $ne: 'out_of_stock' }, quantity: { $ne: 0 } } : {}),
    ...(isByPrice ? { priceValue: bounds } : {}),
  };
}

/** Those that meet the conditions and fit the words nearly as well as the best one, in the order asked for. Pure. */
export function rankProducts(candidates: readonly Product[], query: ProductQuery): Product[] {
  const words = foldWords(query.query ?? '');
  const fitting = candidates.filter((product) => meets(product, query));
  const scored = ofCategory(fitting, query.category).map((product) => ({ product, score: relevance(product, words) }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => words.length === 0 || (score > 0 && score >= best * 0.6))
    .sort(
      (a, b) =>
        comparePrice(a.product, b.product, query.sort) ||
        b.score - a.score ||
        Number(isGone(a.product)) - Number(isGone(b.product)) ||
        compareName(a.product, b.product),
    )
    .map(({ product }) => product);
}

function meets(product: Product, { minPrice, maxPrice, inStockOnly }: ProductQuery): boolean {
  if (inStockOnly === true && isGone(product)) return false;
  if (minPrice === null && maxPrice === null) return true;
  if (product.price === null) return false;
  const price = product.price.amount / minorUnits(product.price.currency);
  return price >= (minPrice ?? 0) && price <= (maxPrice ?? Number.POSITIVE_INFINITY);
}

function isGone({ stock, quantity }: Product): boolean {
  return stock === 'out_of_stock' || quantity === 0;
}

/** A word counts most in the name, less in category and tags, least in the description; short names are more exactly meant. */
function relevance(product: Product, words: readonly string[]): number {
  const name = new Set(foldWords(product.name));
  const group = new Set(foldWords([product.category, ...product.tags].join(' ')));
  const description = new Set(foldWords(product.description));
  const score = words.reduce((sum, word) => {
    if (name.has(word)) return sum + 4;
    if (group.has(word)) return sum + 2;
    return description.has(word) ? sum + 1 : sum;
  }, 0);
  return score === 0 ? 0 : score + 1 / (1 + name.size);
}

function comparePrice(a: Product, b: Product, sort: ProductQuery['sort']): number {
  if (sort !== 'price_asc' && sort !== 'price_desc') return 0;
  const direction = sort === 'price_asc' ? 1 : -1;
  if (a.price === null || b.price === null) return Number(a.price === null) - Number(b.price === null);
  return direction * (a.price.amount - b.price.amount);
}

function compareName(a: Product, b: Product): number {
  return a.name < b.name ? -1 : 1;
}

function describeFound(found: readonly Product[], query: ProductQuery): FoundProducts {
  const shown = found.slice(0, SHOWN_MAX);
  return {
    said: sayFound(shown, found.length, query),
    total: found.length,
    products: shown.map((product) => ({
      sku: product.sku,
      name: product.name,
      category: product.category,
      price: priceInWords(product),
      inStock: product.stock === 'in_stock' && product.quantity !== 0,
      stock: stockInWords(product),
      description: product.description.slice(0, 500),
      url: product.url ?? null,
    })),
  };
}

function sayFound(shown: readonly Product[], total: number, query: ProductQuery): string {
  const [first] = shown;
  if (first === undefined) return 'There is no product that fits.';
  if (total === 1 || query.sort === 'price_asc' || query.sort === 'price_desc') {
    const rank = { price_asc: 'The cheapest that fits is ', price_desc: 'The dearest that fits is ' } as const;
    const lead = total > 1 && query.sort !== null && query.sort !== 'relevance' ? rank[query.sort] : '';
    return `${lead}${first.name}: ${priceInWords(first)}, ${stockInWords(first)}.`;
  }
  const listed = shown
    .map((product) => `${product.name} (${priceInWords(product)}, ${stockInWords(product)})`)
    .join('; ');
  return total > shown.length ? `${total} products fit, among them: ${listed}.` : `${total} products fit: ${listed}.`;
}

function priceInWords({ price }: Product): string {
  return price === null ? 'price on request' : formatMoney(price);
}
