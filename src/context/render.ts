import { createHash } from 'node:crypto';
import type { Account } from '../accounts/account.model.ts';
import type { Location } from '../accounts/location.model.ts';
import { areHoursKnown, weekdays } from '../accounts/opening-hours.schema.ts';
import type { Attributes } from '../assistants/vector-stores.ts';
import { loadTemplate } from '../platform/templates.ts';
import type { Faq } from './faq.model.ts';
import type { LocalContext } from './local-context.model.ts';
import { formatMoney } from './money.ts';
import type { Product } from './product.model.ts';
import { cutProducts, type ProductBlock } from './product-trie.ts';
import { saidMoment, saidPeriods } from './said-times.ts';

/** All that a business's context files are made of. */
export interface ContextData {
  readonly account: Account;
  readonly locations: readonly Location[];
  readonly products: readonly Product[];
  readonly faqs: readonly Faq[];
  /** Temporary context that has not ended. */
  readonly notes: readonly LocalContext[];
}

/** A context file as it should be. */
export interface RenderedFile {
  readonly name: string;
  readonly kind: 'profile' | 'hours' | 'faqs' | 'products' | 'local';
  /** What a citation calls it. */
  readonly title: string;
  readonly bytes: Uint8Array;
  /** Of bytes and attributes: what is told apart by it is uploaded anew. */
  readonly sha256: string;
  readonly attributes: Attributes;
}

/** A leaf's blocks; with its heading it stays below 48 KB. */
export const LEAF_LIMITS = { productsMax: 100, bytesMax: 47_000 };
const DESCRIPTION_MAX = 3000;
const NEVER = 253_402_300_799; // 9999-12-31: one filter on expires_at fits all files

const renderProfile = loadTemplate<{ account: Account; isReachable: boolean; locations: PlaceSection[] }>(
  'context/profile',
);
const renderHours = loadTemplate<{ account: Account; locations: HoursSection[] }>('context/hours');
const renderFaqs = loadTemplate<{ account: Account; faqs: readonly Faq[] }>('context/faqs');
const renderProducts = loadTemplate<{ account: Account; blocks: string[] }>('context/products');
const renderNote = loadTemplate<{ account: Account; text: string; from: string | null; until: string }>('context/note');
const renderProduct = loadTemplate<ProductSection>('context/product');

/** A business's context files. Pure: the same data give the same files and bytes, in whatever order they were read. */
export function renderContext({ account, locations, products, faqs, notes }: ContextData): RenderedFile[] {
  const profile = renderProfile({
    account,
    isReachable: Object.values(account.contact).some((contact) => contact !== null),
    locations: locations.map(placeSection).filter(isPlaceKnown),
  });
  const sections = locations.filter(({ hours }) => areHoursKnown(hours)).map(hoursSection);
  const files = [
    fileOf('profile.md', 'profile', `About ${account.name}`, profile),
    ...(sections.length === 0
      ? []
      : [fileOf('hours.md', 'hours', 'Opening hours', renderHours({ account, locations: sections }))]),
    ...cutProducts(products.map(productBlock), LEAF_LIMITS).map(({ prefix, blocks }) =>
      fileOf(
        `products-${prefix}.md`,
        'products',
        'Products',
        renderProducts({ account, blocks: blocks.map(({ text }) => text) }),
      ),
    ),
  ];
  if (faqs.length > 0) {
    files.push(fileOf('faqs.md', 'faqs', 'Questions and answers', renderFaqs({ account, faqs: inOrder(faqs) })));
  }
  const timezone = locations[0]?.hours.timezone ?? 'UTC';
  return [...files, ...notes.map((note) => noteFile(account, note, timezone))];
}

/** A file of its own, so that it has an end of its own. */
function noteFile(
  account: Account,
  { _id, text, startsAt, expiresAt, createdAt }: LocalContext,
  timezone: string,
): RenderedFile {
  const said = (date: Date) =>
    saidMoment(Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(timezone));
  const from = startsAt > createdAt ? said(startsAt) : null;
  return fileOf(`local/${_id}.md`, 'local', 'News', renderNote({ account, text, from, until: said(expiresAt) }), {
    from: Math.floor(startsAt.getTime() / 1000),
    expires_at: Math.floor(expiresAt.getTime() / 1000),
  });
}

function fileOf(
  name: string,
  kind: RenderedFile['kind'],
  title: string,
  text: string,
  valid: { from: number; expires_at: number } = { from: 0, expires_at: NEVER },
): RenderedFile {
  const bytes = Buffer.from(text);
  const attributes = { kind, name, ...valid };
  const sha256 = createHash('sha256').update(JSON.stringify(attributes)).update('\n').update(bytes).digest('hex');
  return { name, kind, title, bytes, sha256, attributes: { ...attributes, sha256 } };
}

interface PlaceSection {
  name: string;
  address: string;
  phone: string | null;
  directions: string;
}

/** What is unknown of a place is left out. */
function placeSection({ name, address, phone, directions }: Location): PlaceSection {
  const { street, city, region, postalCode, country } = address;
  const parts = [street, city, `${region} ${postalCode}`.trim(), country].filter((part) => part !== '');
  return { name, address: parts.join(', '), phone: phone ?? null, directions };
}

function isPlaceKnown({ address, phone, directions }: PlaceSection): boolean {
  return address !== '' || phone !== null || directions !== '';
}

interface HoursSection {
  name: string;
  timezone: string;
  week: { day: string; said: string }[];
  exceptions: { said: string }[];
}

const MONDAY = Temporal.PlainDate.from('2024-01-01');

function hoursSection({ name, hours }: Location): HoursSection {
  const week = weekdays.map((weekday, index) => ({
    day: MONDAY.add({ days: index }).toLocaleString('en-US', { weekday: 'long' }),
    said: saidPeriods(hours.weekly[weekday] ?? []),
  }));
  const exceptions = hours.exceptions
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
    .map(({ date, periods, note }) => {
      const day = Temporal.PlainDate.from(date).toLocaleString('en-US', { dateStyle: 'full' });
      return { said: `${day}: ${saidPeriods(periods ?? [])}${note === undefined ? '' : ` (${note})`}` };
    });
  return { name, timezone: hours.timezone, week, exceptions };
}

interface ProductSection {
  name: string;
  category: string;
  price: string;
  stock: string;
  tags: string[] | null;
  sku: string;
  url: string;
  description: string;
}

function productBlock(product: Product): ProductBlock {
  const { sku, skuHash } = product;
  const text = renderProduct({
    name: product.name,
    category: product.category,
    price: product.price === null ? 'on request' : formatMoney(product.price),
    stock: stockInWords(product),
    tags: product.tags.length === 0 ? null : [...product.tags],
    sku,
    url: product.url ?? '',
    description: cutText(product.description),
  });
  return { sku, skuHash, text: text.trim() };
}

/** "in stock (12 left)", "out of stock", "to be ordered in advance". */
export function stockInWords({ stock, quantity }: Pick<Product, 'stock' | 'quantity'>): string {
  if (stock === 'out_of_stock' || quantity === 0) return 'out of stock';
  if (stock === 'preorder') return 'to be ordered in advance';
  return quantity === null || quantity === undefined ? 'in stock' : `in stock (${quantity} left)`;
}

function cutText(text: string): string {
  return text.length <= DESCRIPTION_MAX ? text : `${text.slice(0, DESCRIPTION_MAX).trimEnd()} … (cut here)`;
}

function inOrder(faqs: readonly Faq[]): Faq[] {
  return faqs.toSorted((a, b) => a.order - b.order || (a._id < b._id ? -1 : 1));
}
