import type { Collection } from './catalog.ts';
import type { Document } from './document.ts';
import { type Constraint, constraintsOf } from './constraints.ts';
import type { Index } from './index-spec.ts';
import { encodeKey, keySuccessor } from './key-encoding.ts';
import { isArrayIndex } from './paths.ts';
import { compileFilter } from './query.ts';
import type { SortField } from './sort.ts';

/** Keys from `low` on, below `high` where there is one. */
export interface KeyRange {
  low: Uint8Array;
  high?: Uint8Array | undefined;
}

interface IndexPlan {
  kind: 'index';
  name: string;
  table: string;
  ranges: KeyRange[];
  /** Each range is the one key of at most one document. */
  isPoint: boolean;
  isReverse: boolean;
  /** Whether a document may come more than once. */
  mayRepeat: boolean;
  /** Whether the rows come in the order that was asked for. */
  isSorted: boolean;
}

export type Plan =
  | { kind: 'collection'; isSorted: boolean }
  | IndexPlan
  /** One plan after the other; a document may come from several. */
  | { kind: 'union'; plans: IndexPlan[]; isSorted: boolean };

type IndexShape = Pick<
  Index,
  'name' | 'table' | 'paths' | 'directions' | 'isUnique' | 'isSparse' | 'isMultikey' | 'partial'
>;

const rangesMax = 1_000;
const ORDER_SCORE = 3;

/**
 * Chooses how to read a collection: by the index with the longest prefix of equalities, then a range, then the order asked for; by
 * several where each part of an `$or` has one.
 * What it chooses holds every document that matches, and maybe more: whoever reads tests each again.
 */
export function planQuery(collection: Collection, filter: Document, sort: readonly SortField[]): Plan {
  const constraints = constraintsOf(filter);
  let best: { plan: IndexPlan; score: number } | undefined;
  for (const index of [idIndexOf(collection), ...collection.indexes]) {
    const candidate = planIndex(index, constraints, filter, sort);
    if (candidate && candidate.score > (best?.score ?? 0)) best = candidate;
  }
  // An index that only gives the order reads everything.
  const narrows = best !== undefined && best.score > ORDER_SCORE;
  return (
    (narrows ? best?.plan : (planUnion(collection, filter, sort) ?? best?.plan)) ?? {
      kind: 'collection',
      isSorted: sort.length === 0,
    }
  );
}

/** Where every part of an `$or` narrows an index, their plans together hold every match. */
function planUnion(collection: Collection, filter: Document, sort: readonly SortField[]): Plan | undefined {
  for (const clauses of orsOf(filter)) {
    const plans = clauses.map((clause) => planQuery(collection, clause, []));
    const parts = plans.flatMap((plan) =>
      plan.kind === 'collection' ? [] : plan.kind === 'union' ? plan.plans : plan,
    );
    const isIndexed = plans.every(({ kind }) => kind !== 'collection');
    if (isIndexed) return { kind: 'union', plans: parts, isSorted: sort.length === 0 };
  }
  return undefined;
}

function orsOf(filter: Document): Document[][] {
  const own = '$or' in filter ? [filter['$or'] as Document[]] : [];
  return [...own, ...((filter['$and'] as Document[] | undefined) ?? []).flatMap(orsOf)];
}

function idIndexOf({ table }: Collection): IndexShape {
  return { name: '_id_', table, paths: ['_id'], directions: [1], isUnique: true, isSparse: false, isMultikey: false };
}

function planIndex(
  index: IndexShape,
  constraints: Map<string, Constraint>,
  filter: Document,
  sort: readonly SortField[],
) {
  if (!isUsable(index, constraints, filter)) return undefined;
  const { prefixes, equalities } = equalityPrefixes(index, constraints);
  const next = index.paths[equalities];
  const nextConstraint = next !== undefined && mayConstrain(index, equalities) ? constraints.get(next) : undefined;
  const hasRange = nextConstraint?.range !== undefined;
  const direction = sortDirection(index, equalities, prefixes.length === 1, constraints, sort);
  if (equalities === 0 && !hasRange && (direction === undefined || sort.length === 0)) return undefined;
  const ranges = prefixes.map((prefix) => rangeOf(prefix, nextConstraint, index, equalities));
  const score =
    equalities * 10 +
    (hasRange ? 4 : 0) +
    (direction !== undefined && sort.length > 0 ? ORDER_SCORE : 0) +
    (isPoint(index, equalities) ? 100 : 0);
  const plan: IndexPlan = {
    kind: 'index',
    name: index.name,
    table: index.table,
    ranges,
    isPoint: isPoint(index, equalities),
    isReverse: direction === -1,
    mayRepeat: index.isMultikey,
    isSorted: direction !== undefined,
  };
  return { plan, score };
}

/** All fields of a unique index are given: at most one document. */
function isPoint(index: IndexShape, equalities: number): boolean {
  return index.isUnique && equalities === index.paths.length;
}

function isUsable(index: IndexShape, constraints: Map<string, Constraint>, filter: Document): boolean {
  // Positions in arrays ("a.0") match more than the index, which has the elements, knows about.
  if (index.paths.some((path) => path.split('.').some(isArrayIndex))) return false;
  if (index.isSparse && !index.paths.some((path) => constraints.get(path)?.isPresent)) return false;
  return !index.partial || impliesPartialFilter(index.partial.filter, constraints, filter);
}

/** Whether every document that the query matches is in the partial index, as far as one sees field by field. */
function impliesPartialFilter(partial: Document, constraints: Map<string, Constraint>, filter: Document): boolean {
  return Object.entries(partial).every(([path, condition]) => {
    if (path in filter && Buffer.compare(encodeKey(filter[path]), encodeKey(condition)) === 0) return true;
    const values = constraints.get(path)?.equals;
    if (!values || path.startsWith('$') || path.includes('.')) return false;
    const matches = compileFilter({ [path]: condition });
    return values.every((value) => value !== null && matches({ [path]: value }));
  });
}

function equalityPrefixes(index: IndexShape, constraints: Map<string, Constraint>) {
  let prefixes: Uint8Array[] = [Buffer.alloc(0)];
  let equalities = 0;
  for (const [position, path] of index.paths.entries()) {
    const values = mayConstrain(index, position) ? constraints.get(path)?.equals : undefined;
    if (!values || prefixes.length * values.length > rangesMax) break;
    const keys = distinctKeys(values, index.directions[position] ?? 1);
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])));
    equalities++;
  }
  return { prefixes, equalities };
}

function distinctKeys(values: readonly unknown[], direction: 1 | -1): Uint8Array[] {
  const keys = values
    .map((value) => directed(encodeKey(value), direction))
    .sort((left, right) => Buffer.compare(left, right));
  return keys.filter((key, position) => position === 0 || Buffer.compare(key, keys[position - 1] ?? key) !== 0);
}

/**
 * Two conditions on fields below the same array may hold for different elements, but an entry is made of one: then only the first
 * of these fields narrows the search.
 */
function mayConstrain(index: IndexShape, position: number): boolean {
  if (!index.isMultikey) return true;
  const root = rootOf(index.paths[position]);
  return !index.paths.slice(0, position).some((path) => rootOf(path) === root);
}

function rootOf(path: string | undefined): string | undefined {
  return path?.split('.')[0];
}

/** 1 or -1 if reading the index in that direction gives the order asked for; undefined if neither does. */
function sortDirection(
  index: IndexShape,
  equalities: number,
  hasOnePrefix: boolean,
  constraints: Map<string, Constraint>,
  sort: readonly SortField[],
): 1 | -1 | undefined {
  if (sort.length === 0) return 1;
  if (!hasOnePrefix || index.isMultikey) return undefined;
  const fixed = new Set(index.paths.slice(0, equalities));
  const wanted = sort.filter(({ path }) => !fixed.has(path) || (constraints.get(path)?.equals?.length ?? 0) > 1);
  const rest = index.paths.slice(equalities);
  if (wanted.length > rest.length) return undefined;
  const turns = wanted.map(({ path, direction }, at) =>
    rest[at] === path ? direction * (index.directions[equalities + at] ?? 1) : 0,
  );
  if (turns.every((turn) => turn === 1)) return 1;
  return turns.every((turn) => turn === -1) ? -1 : undefined;
}

function rangeOf(
  prefix: Uint8Array,
  constraint: Constraint | undefined,
  index: IndexShape,
  position: number,
): KeyRange {
  const whole = { low: prefix, high: keySuccessor(prefix) };
  if (!constraint?.range) return whole;
  const direction = index.directions[position] ?? 1;
  const { type, lower, upper } = constraint.range;
  const at = (key: Uint8Array) => Buffer.concat([prefix, directed(key, direction)]);
  const bracket = at(Buffer.from([type]));
  // Of an array one element may satisfy the lower bound and another the upper one: only one of them narrows.
  const usedUpper = index.isMultikey && lower ? undefined : upper;
  const [first, last] = direction === 1 ? [lower, usedUpper] : [usedUpper, lower];
  const low = first ? (first.isInclusive ? at(first.key) : (keySuccessor(at(first.key)) ?? at(first.key))) : bracket;
  const high = last ? (last.isInclusive ? keySuccessor(at(last.key)) : at(last.key)) : keySuccessor(bracket);
  return { low, high };
}

function directed(key: Uint8Array, direction: 1 | -1): Uint8Array {
  return direction === 1 ? key : key.map((byte) => ~byte & 0xff);
}
