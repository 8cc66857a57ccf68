import type { CompoundFilter } from 'openai/resources/shared';

/** What `find_products` takes; null leaves a condition out. Prices in major units of the business's currency, as people say them. */
export interface ProductQuery {
  readonly query: string | null;
  readonly category: string | null;
  readonly minPrice: number | null;
  readonly maxPrice: number | null;
  readonly inStockOnly: boolean | null;
  readonly sort: 'relevance' | 'price_asc' | 'price_desc' | null;
}

export interface FoundProducts {
  /** The finding in a sentence or two. */
  readonly said: string;
  /** How many match in all. */
  readonly total: number;
  /** The best few. */
  readonly products: readonly {
    readonly sku: string;
    readonly name: string;
    readonly category: string;
    readonly price: string;
    readonly inStock: boolean;
    readonly stock: string;
    readonly description: string;
    readonly url: string | null;
  }[];
}

export interface HoursAnswer {
  /** The answer in a sentence or two. */
  readonly said: string;
  readonly location: string;
  readonly date: string;
  /** Null while no hours are written down. */
  readonly closed: boolean | null;
  readonly periods: readonly { readonly open: string; readonly close: string }[];
  readonly note: string | null;
  /** How it stands at this moment: "open until 3 pm"; empty while no hours are written down. */
  readonly openNow: string;
}

export interface LiveFile {
  readonly fileId: string;
  /** Name of the context file, such as `hours.md`. */
  readonly name: string;
  /** The same for people, such as `Opening hours`. */
  readonly title: string;
}

/** What a turn asks of the business's knowledge. */
export interface Knowledge {
  /** What is true at that moment, in plain lines for the model: local date and time, open or closed, until when, why. */
  describeNow(accountId: string, at: Date): Promise<string>;
  /** @throws AppError `invalid-input` for a date or location that isn't one. */
  openingHours(accountId: string, query: { date: string | null; location: string | null }): Promise<HoursAnswer>;
  findProducts(accountId: string, query: ProductQuery): Promise<FoundProducts>;
  /** Those of the files that visitors are answered from now; passages of others aren't cited. */
  listLiveFiles(accountId: string, fileIds: readonly string[]): Promise<LiveFile[]>;
}

/** Keeps a file search from finding temporary context that has not begun or has ended at that moment. */
export function trueAt(at: Date): CompoundFilter {
  const now = Math.floor(at.getTime() / 1000);
  return {
    type: 'and',
    filters: [
      { type: 'lte', key: 'from', value: now },
      { type: 'gt', key: 'expires_at', value: now },
    ],
  };
}
