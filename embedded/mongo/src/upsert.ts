import { ObjectId } from 'bson';
import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { getAt, setAt } from './update-paths.ts';
import type { CompiledUpdate } from './update.ts';

interface UpsertRequest {
  /** Numbers typed, as they will be stored. */
  typedFilter: Document;
  filter: Document;
  update: CompiledUpdate;
  now: Date;
}

/** The document that an upsert inserts: what the filter says by equality, changed by the update, with an `_id` first. */
export function documentToUpsert({ typedFilter, filter, update, now }: UpsertRequest): Document {
  const base: Document = {};
  addEqualities(typedFilter, base);
  const typed = update.isReplacement ? ('_id' in base ? { _id: base['_id'] } : {}) : base;
  return withId(update({ typed, filter, isInsert: true, now }));
}

/** `_id` stands first, as MongoDB stores it, and is made where it's missing. */
export function withId(document: Document): Document {
  const { _id: id = new ObjectId(), ...rest } = document;
  return { _id: id, ...rest };
}

function addEqualities(filter: Document, base: Document) {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' || (path === '$or' && (condition as unknown[]).length === 1)) {
      for (const clause of condition as Document[]) addEqualities(clause, base);
    } else if (!path.startsWith('$')) addEquality(path, condition, base);
  }
}

function addEquality(path: string, condition: unknown, base: Document) {
  const value = equalityOf(condition);
  if (value === undefined) return;
  const parts = path.split('.');
  if (getAt(base, parts) !== undefined) {
    throw new MongoServerError('BadValue', `cannot infer query fields to set, path '${path}' is matched twice`);
  }
  setAt(base, parts, value);
}

function equalityOf(condition: unknown): unknown {
  if (condition instanceof RegExp) return undefined;
  if (!isDocument(condition) || !Object.keys(condition).some((key) => key.startsWith('$'))) return condition;
  if ('$eq' in condition) return condition['$eq'];
  const single = condition['$in'] ?? condition['$all'];
  return Array.isArray(single) && single.length === 1 && !isDocument(single[0]) ? single[0] : undefined;
}
