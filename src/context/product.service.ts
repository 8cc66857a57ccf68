import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { AccountService } from '../accounts/account.service.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import { foldWords } from './fold-words.ts';
import { minorUnits } from './money.ts';
import { createProductModel, type Product } from './product.model.ts';
import type { NewProduct, ProductInput, ProductPatch } from './product.schema.ts';

export interface ProductPage {
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface ProductService {
  /** In the order of their SKUs; with a query, those that have all its words. */
  list(accountId: string, page: ProductPage): Promise<{ data: Product[]; nextCursor: string | null }>;
  /** @throws AppError `conflict` when the SKU exists. */
  create(accountId: string, product: NewProduct): Promise<Product>;
  /** Creates or replaces. @throws AppError `stale`. */
  put(
    accountId: string,
    sku: string,
    input: ProductInput,
    ifMatch?: number,
  ): Promise<{ product: Product; created: boolean }>;
  /** @throws AppError `not-found` or `stale`. */
  patch(accountId: string, sku: string, patch: ProductPatch, ifMatch?: number): Promise<Product>;
  /** @throws AppError `not-found` or `stale`. */
  remove(accountId: string, sku: string, ifMatch?: number): Promise<void>;
  /** Creates or replaces many, in batches that each are marked as a change. */
  putMany(accountId: string, products: readonly NewProduct[]): Promise<void>;
}

const BATCH = 500;

export function createProductService(deps: { connection: Connection; accounts: AccountService }): ProductService {
  const { accounts } = deps;
  const products = createProductModel(deps.connection);

  async function find(accountId: string, sku: string): Promise<Product | undefined> {
    return (await products.findOne({ accountId, sku }).lean<Product>()) ?? undefined;
  }

  async function get(accountId: string, sku: string): Promise<Product> {
    const product = await find(accountId, sku);
    if (product === undefined) throw new AppError('not-found', `sku: there is no product ${sku}`);
    return product;
  }

  async function replace(accountId: string, known: Product, input: ProductInput, ifMatch?: number): Promise<Product> {
    if (ifMatch !== undefined && ifMatch !== known.rev) throw staleError();
    const { sku, rev } = known;
    const updated = await products
      .findOneAndUpdate(
        // What a patch leaves as it is was read before: nobody may have changed it since.
        { accountId, sku, rev },
        { $set: { ...input, ...derivedOf(input) }, $inc: { rev: 1 } },
        { returnDocument: 'after' },
      )
      .lean<Product>();
    if (updated === null) throw staleError();
    return updated;
  }

  async function create(accountId: string, { sku, ...input }: NewProduct): Promise<Product> {
    try {
      const created = await products.create({ ...documentOf(accountId, sku, input), rev: 1 });
      return created.toObject() as Product;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new AppError('conflict', `sku: there is a product ${sku} already`, { cause: error });
    }
  }

  return {
    async list(accountId, { query, cursor, limit }) {
      const words = query === undefined ? [] : foldWords(query);
      const data = await products
        .find({
          accountId,
          ...(cursor === undefined ? {} : { sku: { $gt: cursor } }),
          ...(words.length === 0 ? {} : { terms: { $all: words } }),
        })
        .sort({ sku: 1 })
        .limit(limit + 1)
        .lean<Product[]>();
      const page = data.slice(0, limit);
      return { data: page, nextCursor: data.length > limit ? (page.at(-1)?.sku ?? null) : null };
    },

    create: (accountId, product) => accounts.recordChange(accountId, () => create(accountId, product)),

    put: (accountId, sku, input, ifMatch) =>
      accounts.recordChange(accountId, () =>
        retryStale(ifMatch, async () => {
          const known = await find(accountId, sku);
          if (known !== undefined) return { product: await replace(accountId, known, input, ifMatch), created: false };
          if (ifMatch !== undefined) throw staleError();
          return { product: await create(accountId, { sku, ...input }), created: true };
        }),
      ),

    patch: (accountId, sku, patch, ifMatch) =>
      accounts.recordChange(accountId, () =>
        retryStale(ifMatch, async () => {
          const known = await get(accountId, sku);
          return replace(accountId, known, { ...inputOf(known), ...withoutUndefined(patch) }, ifMatch);
        }),
      ),

    async remove(accountId, sku, ifMatch) {
      const filter = { accountId, sku, ...(ifMatch === undefined ? {} : { rev: ifMatch }) };
      const removed = await accounts.recordChange(accountId, () => products.deleteOne(filter));
      if (removed.deletedCount === 1) return;
      await get(accountId, sku);
      throw staleError();
    },

    async putMany(accountId, all) {
      for (let start = 0; start < all.length; start += BATCH) {
        const operations = all.slice(start, start + BATCH).map(({ sku, ...input }) => ({
          updateOne: {
            filter: { accountId, sku },
            update: { $set: documentOf(accountId, sku, input), $inc: { rev: 1 } },
            upsert: true,
          },
        }));
        await accounts.recordChange(accountId, () => products.bulkWrite(operations, { ordered: false }));
      }
    },
  };
}

/**
 * A writer that lost a race tries again on what the other wrote, unless the caller named the revision that it knows.
 */
async function retryStale<Result>(ifMatch: number | undefined, write: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      const lostRace = error instanceof AppError && (error.code === 'stale' || error.code === 'conflict');
      if (!lostRace || ifMatch !== undefined || attempt >= 5) throw error;
    }
  }
}

function staleError(): AppError {
  return new AppError(
    'stale',
    'If-Match: this is not the newest revision; read the product again before you change it',
  );
}

function documentOf(accountId: string, sku: string, input: ProductInput) {
  return { accountId, sku, ...input, ...derivedOf(input), skuHash: hashSku(sku) };
}

function derivedOf(input: ProductInput) {
  const { price } = input;
  return { terms: termsOf(input), priceValue: price === null ? null : price.amount / minorUnits(price.currency) };
}

/** The first 32 bits of the SKU's SHA-256, as 8 hex digits. */
export function hashSku(sku: string): string {
  return createHash('sha256').update(sku).digest('hex').slice(0, 8);
}

function termsOf({ name, category, tags, description }: ProductInput): string[] {
  // Capped, so that an index entry a word stays bounded; what a product is comes first.
  return foldWords([name, category, ...tags, description].join(' ')).slice(0, 150);
}

function inputOf({ name, category, price, stock, quantity, tags, description, url, image }: Product): ProductInput {
  return {
    name,
    category,
    price,
    stock,
    quantity: quantity ?? null,
    tags: [...tags],
    description,
    url: url ?? null,
    image: image ?? null,
  };
}

function withoutUndefined(patch: ProductPatch): Partial<ProductInput> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
