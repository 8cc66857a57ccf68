import { Lazy } from 'mingo/lazy';
import { type Document, isDocument } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { compareValues, encodeKeyTuple } from './key-encoding.ts';
import { valuesAt } from './paths.ts';

export interface SortField {
  path: string;
  direction: 1 | -1;
}

export function parseSort(sort: Document): SortField[] {
  return Object.entries(sort).map(([path, direction]) => {
    if (isDocument(direction)) refuseFeature(`sort by ${Object.keys(direction)[0] ?? 'an expression'}`);
    if (direction !== 1 && direction !== -1) {
      throw new MongoServerError('BadValue', '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    return { path, direction };
  });
}

/** Sorts in MongoDB's order, keeping the given order of equal items. */
export function sortBy<Item>(
  items: Item[],
  fields: readonly SortField[],
  documentOf: (item: Item) => Document,
): Item[] {
  return items
    .map((item) => ({ item, key: sortKey(documentOf(item), fields) }))
    .sort((left, right) => Buffer.compare(left.key, right.key))
    .map(({ item }) => item);
}

function sortKey(document: Document, fields: readonly SortField[]): Uint8Array {
  return encodeKeyTuple(
    fields.map((field) => extremeValue(document, field)),
    fields.map((field) => field.direction),
  );
}

/** Of an array the least element counts, descending the greatest; an empty one comes before null. */
function extremeValue(document: Document, { path, direction }: SortField): unknown {
  const values = valuesAt(document, path);
  const [first] = values;
  if (values.length === 1 && !Array.isArray(first)) return first ?? null;
  const candidates = Array.isArray(first) ? values.slice(1) : values;
  if (candidates.length === 0) return Array.isArray(first) ? undefined : null;
  return candidates
    .map((value) => value ?? null)
    .reduce((best, value) => (compareValues(value, best) * direction < 0 ? value : best));
}

/** The pipeline stage $sort, in place of mingo's. */
export function sortStage(documents: ReturnType<typeof Lazy>, sort: Document): ReturnType<typeof Lazy> {
  const fields = parseSort(sort);
  return documents.transform((items) => Lazy(sortBy(items as Document[], fields, (item) => item)));
}
