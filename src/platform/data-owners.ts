import type { Connection, Model } from 'mongoose';

/** A file of an export: text as it stands, or values of which each becomes a line of JSON. */
export type ExportedFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly lines: AsyncIterable<unknown> };

/** How many of each kind were removed. */
export type Counts = Readonly<Record<string, number>>;

/** What a feature keeps of a business. */
export interface DataOwner {
  readonly name: string;
  /** All that is kept of the business, without secrets. Files are read one after the other, each as far as it is wanted. */
  exportAccount(accountId: string): AsyncIterable<ExportedFile>;
  /** Removes it; harmless when it is done twice, and when it was broken off it goes on. */
  eraseAccount(accountId: string, signal: AbortSignal): Promise<Counts>;
}

/** The features tell `accounts` what they own here; it calls none of them. */
export interface DataOwners {
  /** In the order in which they erase. */
  readonly list: readonly DataOwner[];
  register(owner: DataOwner): void;
}

export function createDataOwners(): DataOwners {
  const list: DataOwner[] = [];
  return {
    list,
    register(owner) {
      if (list.some(({ name }) => name === owner.name)) throw new Error(`${owner.name} is registered already`);
      list.push(owner);
    },
  };
}

interface OwnedDocument {
  _id: unknown;
  accountId: string;
}

/** A model of any tenant-owned collection. */
interface OwnedModel {
  readonly modelName: string;
  readonly db: Connection;
}

function typed({ db, modelName }: OwnedModel): Model<OwnedDocument> {
  return db.model<OwnedDocument>(modelName);
}

const BATCH = 500;
const IN_VAIN_MAX = 5;

/** All documents of the business, a batch in memory at a time. `omitted` fields are secrets, or of no use elsewhere. */
export function exportDocuments(
  path: string,
  model: OwnedModel,
  accountId: string,
  omitted: readonly string[] = [],
): ExportedFile {
  async function* read(): AsyncGenerator<object> {
    const cursor = typed(model).find({ accountId }).lean().cursor({ batchSize: BATCH });
    for await (const document of cursor) {
      yield Object.fromEntries(Object.entries(document).filter(([name]) => name !== '__v' && !omitted.includes(name)));
    }
  }
  return { path, lines: read() };
}

/** Deletes what fits the filter, which names the business, in bites that each stay within a database command's time. */
export async function eraseDocuments(
  model: OwnedModel,
  filter: { accountId: string } & Record<string, unknown>,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for (let inVain = 0; inVain < IN_VAIN_MAX;) {
    signal?.throwIfAborted();
    const found = await typed(model).find(filter).select({ _id: 1 }).limit(BATCH).lean();
    if (found.length === 0) return count;
    const ids = found.map(({ _id }) => _id);
    const removed = await typed(model).deleteMany({ accountId: filter.accountId, _id: { $in: ids } });
    count += removed.deletedCount;
    // Another process may have been faster once; documents that never go must not hold us for ever.
    inVain = removed.deletedCount === 0 ? inVain + 1 : 0;
  }
  throw new Error(`${model.modelName}: documents are there that can't be deleted`);
}

/** Sums by kind. */
export function addCounts(a: Counts, b: Counts): Counts {
  const sums: Record<string, number> = { ...a };
  for (const [kind, count] of Object.entries(b)) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}
