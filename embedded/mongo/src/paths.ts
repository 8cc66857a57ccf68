import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';

/**
 * The values that MongoDB's matcher looks at for a dotted path: of an array both the array and each element, through arrays
 * of documents the value in each; `undefined` where a document has no such field.
 */
export function valuesAt(document: Document, path: string): unknown[] {
  const found: unknown[] = [];
  if (path.includes('.')) collectValues(document, path.split('.'), 0, found);
  else addLeaf(fieldOf(document, path), found);
  return found;
}

function collectValues(holder: Document, parts: readonly string[], at: number, found: unknown[]) {
  const value = fieldOf(holder, parts[at] ?? '');
  if (at === parts.length - 1) addLeaf(value, found);
  else descend(value, parts, at + 1, found);
}

function descend(value: unknown, parts: readonly string[], at: number, found: unknown[]) {
  if (isDocument(value)) return collectValues(value, parts, at, found);
  if (!Array.isArray(value)) return found.push(undefined);
  for (const item of value) if (isDocument(item)) collectValues(item, parts, at, found);
  const part = parts[at] ?? '';
  if (!isArrayIndex(part) || Number(part) >= value.length) return;
  const item: unknown = value[Number(part)];
  if (at === parts.length - 1) addLeaf(item, found);
  else if (isDocument(item) || Array.isArray(item)) descend(item, parts, at + 1, found);
}

function addLeaf(value: unknown, found: unknown[]) {
  found.push(value);
  if (Array.isArray(value)) found.push(...(value as unknown[]));
}

/** As `valuesAt`, without the elements of the arrays that it ends at. */
export function leavesAt(document: Document, path: string): unknown[] {
  const values = valuesAt(document, path);
  const leaves: unknown[] = [];
  for (let at = 0; at < values.length; at++) {
    const leaf = values[at];
    leaves.push(leaf);
    if (Array.isArray(leaf)) at += leaf.length;
  }
  return leaves;
}

export function isArrayIndex(part: string): boolean {
  return /^(0|[1-9]\d*)$/.test(part);
}

export function fieldOf(holder: Document, key: string): unknown {
  return Object.hasOwn(holder, key) ? holder[key] : undefined;
}

export interface KeyTuples {
  /** One tuple of values an entry of the index, in the order of the index's fields. */
  tuples: unknown[][];
  isMultikey: boolean;
  /** Whether at least one of the fields exists: else a sparse index has no entry. */
  hasField: boolean;
}

/**
 * The entries a document has in an index on `paths`: one for each element where a path runs through an array. A missing
 * field counts as null, an empty array as undefined.
 * @throws CannotIndexParallelArrays when two fields run through different arrays.
 */
export function keyTuplesOf(document: Document, paths: readonly string[]): KeyTuples {
  const reached = paths.map((path) => walkToArray(document, path));
  const arrays = new Map<string, Reached & { array: unknown[] }>();
  for (const [position, step] of reached.entries()) {
    if (step.array) arrays.set((paths[position] ?? '').slice(0, step.end), { ...step, array: step.array });
  }
  const hasField = reached.some((step) => step.array !== undefined || step.value !== undefined);
  const [first] = arrays.values();
  if (!first) return { tuples: [reached.map((step) => step.value ?? null)], isMultikey: false, hasField };
  if (arrays.size > 1) {
    const [one, other] = arrays.keys();
    throw new MongoServerError('CannotIndexParallelArrays', `cannot index parallel arrays [${other}] [${one}]`);
  }
  return { tuples: expandArray(first.array, reached, paths), isMultikey: true, hasField };
}

interface Reached {
  value?: unknown;
  array?: unknown[];
  /** Where in the path the array was met. */
  end: number;
}

function walkToArray(document: Document, path: string): Reached {
  let value: unknown = document;
  let begin = 0;
  while (begin <= path.length) {
    if (!isDocument(value)) return { value: undefined, end: path.length };
    const dot = path.indexOf('.', begin);
    const end = dot === -1 ? path.length : dot;
    value = fieldOf(value, path.slice(begin, end));
    if (Array.isArray(value)) return { array: value, end };
    begin = end + 1;
  }
  return { value, end: path.length };
}

function expandArray(array: unknown[], reached: readonly Reached[], paths: readonly string[]): unknown[][] {
  const rests = paths.map((path, position) => {
    const step = reached[position];
    return step?.array ? path.slice(step.end + 1) : undefined;
  });
  const fixed = reached.map((step) => step.value ?? null);
  if (array.length === 0)
    return [fixed.map((value, at) => (rests[at] === undefined ? value : rests[at] ? null : undefined))];
  return array.flatMap((item) => expandItem(item, rests, fixed));
}

function expandItem(item: unknown, rests: readonly (string | undefined)[], fixed: readonly unknown[]): unknown[][] {
  const inner = rests.filter((rest) => rest);
  const tuples = isDocument(item) ? keyTuplesOf(item, inner as string[]).tuples : [inner.map(() => null)];
  return tuples.map((tuple) => {
    let next = 0;
    return fixed.map((value, at) => {
      const rest = rests[at];
      if (rest === undefined) return value;
      return rest === '' ? item : tuple[next++];
    });
  });
}
