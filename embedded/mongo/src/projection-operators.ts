import { type Document, isDocument, promote } from './document.ts';
import { MongoServerError } from './errors.ts';
import { compileFilter } from './query.ts';
import { matchedPosition } from './update-positions.ts';

/** Gives what is left of a field's value, typed as it was; undefined: nothing. */
export type ValueProjection = (value: unknown) => unknown;

/** `{ $slice: n }` or `{ $slice: [skip, count] }`; undefined for anything else, also the expression of that name. */
export function findSlice(operand: unknown): ValueProjection | undefined {
  if (!isDocument(operand) || Object.keys(operand).join() !== '$slice') return undefined;
  const bounds = [operand['$slice']].flat();
  if (!bounds.every((bound) => typeof bound === 'number')) return undefined;
  const [first = 0, count] = bounds;
  if (count !== undefined && count <= 0)
    throw new MongoServerError('BadValue', `$slice limit must be positive, got ${count}`);
  return (value) => (Array.isArray(value) ? slice(value, first, count) : value);
}

function slice(array: unknown[], first: number, count: number | undefined): unknown[] {
  if (count === undefined) return first < 0 ? array.slice(first) : array.slice(0, first);
  const from = first < 0 ? Math.max(array.length + first, 0) : first;
  return array.slice(from, from + count);
}

/** `{ $elemMatch: condition }`: the first element that meets it, in an array. */
export function findElemMatch(field: string, operand: unknown): ValueProjection | undefined {
  if (!isDocument(operand) || Object.keys(operand).join() !== '$elemMatch') return undefined;
  if (field.includes('.')) throw new MongoServerError('BadValue', 'Cannot use $elemMatch projection on a nested field');
  const matches = compileFilter({ [field]: operand });
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const at = value.findIndex((item) => matches({ [field]: [promote(item)] }));
    return at === -1 ? undefined : [value[at]];
  };
}

/** The `$` at the end of a path: the element that the filter matched. */
export function positional(path: string, filter: Document): ValueProjection {
  return (value) => (Array.isArray(value) ? [value[matchedPosition(value, path, filter)]] : value);
}
