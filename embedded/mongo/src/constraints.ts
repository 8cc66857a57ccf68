import { type Document, isDocument } from './document.ts';
import { compareValues, encodeKey, typeByteOf, typeBytes } from './key-encoding.ts';

export interface Bound {
  key: Uint8Array;
  isInclusive: boolean;
}

/** What a filter demands of one path, as far as keys of an index can tell. */
export interface Constraint {
  /** The value is one of these. */
  equals?: unknown[];
  /** The value is of this type (first byte of its key) and within the bounds. */
  range?: { type: number; lower?: Bound; upper?: Bound };
  /** No document without this field matches. */
  isPresent: boolean;
}

/**
 * Reads the conditions that every match must satisfy: the fields of the filter and of its `$and`. Anything else ($or, $ne,
 * $regex, $expr) adds nothing. Where a path is constrained twice, the first equality or else the first range is kept: one is
 * enough to find candidates, and two on an array may hold for different elements.
 */
export function constraintsOf(filter: Document, into = new Map<string, Constraint>()): Map<string, Constraint> {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and') {
      for (const clause of condition as Document[]) constraintsOf(clause, into);
    } else if (!path.startsWith('$')) {
      const constraint = constraintOf(condition);
      if (constraint) into.set(path, merge(into.get(path), constraint));
    }
  }
  return into;
}

function merge(known: Constraint | undefined, added: Constraint): Constraint {
  if (!known) return added;
  const equals = known.equals ?? added.equals;
  const range = known.range ?? added.range;
  return {
    isPresent: known.isPresent || added.isPresent,
    ...(equals ? { equals } : {}),
    ...(range ? { range } : {}),
  };
}

function constraintOf(condition: unknown): Constraint | undefined {
  if (!isDocument(condition) || !Object.keys(condition).some((key) => key.startsWith('$')))
    return equality([condition]);
  if ('$eq' in condition) return equality([condition['$eq']]);
  if (Array.isArray(condition['$in'])) return equality(condition['$in']);
  return rangeOf(condition);
}

/** The whole of an array is no key of an index (its elements are), and a regular expression is a pattern. */
function equality(values: unknown[]): Constraint | undefined {
  const isIndexable = values.every(
    (value) => value !== undefined && !Array.isArray(value) && !(value instanceof RegExp),
  );
  if (!isIndexable) return undefined;
  return { equals: values, isPresent: values.every((value) => value !== null) };
}

function rangeOf(condition: Document): Constraint | undefined {
  let type: number | undefined;
  let lower: (Bound & { value: unknown }) | undefined;
  let upper: (Bound & { value: unknown }) | undefined;
  for (const operator of ['$gt', '$gte', '$lt', '$lte']) {
    if (!(operator in condition)) continue;
    const value = condition[operator];
    if (value === null || value === undefined || Array.isArray(value) || value instanceof RegExp) return undefined;
    if (typeByteOf(value) === typeBytes.minKey || typeByteOf(value) === typeBytes.maxKey) return undefined;
    if (type !== undefined && type !== typeByteOf(value)) return undefined;
    type = typeByteOf(value);
    const bound = { key: encodeKey(value), isInclusive: operator.endsWith('e'), value };
    if (operator.startsWith('$g')) lower = !lower || compareValues(value, lower.value) > 0 ? bound : lower;
    else upper = !upper || compareValues(value, upper.value) < 0 ? bound : upper;
  }
  if (type === undefined) return undefined;
  return { range: { type, ...(lower ? { lower } : {}), ...(upper ? { upper } : {}) }, isPresent: true };
}
