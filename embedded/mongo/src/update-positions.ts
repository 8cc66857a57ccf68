import { type Document, promote } from './document.ts';
import { MongoServerError } from './errors.ts';
import { compileFilter, type Matcher } from './query.ts';
import { getAt } from './update-paths.ts';

interface Positions {
  filter: Document;
  /** By the identifier of `$[identifier]`. */
  elementMatchers: Map<string, Matcher>;
}

/** The paths that `$`, `$[]` and `$[identifier]` stand for in this document, as lists of field names and array positions. */
export function expandPositions(document: Document, path: string, positions: Positions): string[][] {
  if (!path.includes('.$')) return [path.split('.')];
  let expanded: string[][] = [[]];
  for (const part of path.split('.')) {
    expanded = part.startsWith('$')
      ? expanded.flatMap((parts) =>
          positionsOf(document, parts, part, path, positions).map((at) => [...parts, String(at)]),
        )
      : expanded.map((parts) => [...parts, part]);
  }
  return expanded;
}

function positionsOf(document: Document, parts: string[], part: string, path: string, positions: Positions): number[] {
  const array = getAt(document, parts);
  if (part === '$') return [matchedPosition(array, parts.join('.'), positions.filter)];
  if (!Array.isArray(array)) {
    throw new MongoServerError(
      'BadValue',
      `The path '${parts.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  const identifier = part.slice(2, -1);
  if (identifier === '') return [...array.keys()];
  const matches = positions.elementMatchers.get(identifier);
  if (!matches)
    throw new MongoServerError('BadValue', `No array filter found for identifier '${identifier}' in path '${path}'`);
  return [...array.keys()].filter((at) => matches({ [identifier]: promote(array[at]) }));
}

/** The first element for which the conditions of the filter on this array hold; failing that, the first one's first condition. */
export function matchedPosition(array: unknown, path: string, filter: Document): number {
  const conditions = conditionsOn(filter, path);
  if (Array.isArray(array) && conditions.length > 0) {
    const matchers = conditions.map((condition) => compileFilter(condition));
    const wrapped = array.map((item) => wrap(path, [promote(item)]));
    const all = wrapped.findIndex((item) => matchers.every((matches) => matches(item)));
    const found = all === -1 ? wrapped.findIndex((item) => matchers[0]?.(item)) : all;
    if (found !== -1) return found;
  }
  throw new MongoServerError('BadValue', 'The positional operator did not find the match needed from the query.');
}

function conditionsOn(filter: Document, path: string): Document[] {
  return Object.entries(filter).flatMap(([key, condition]) => {
    if (key === '$and' || key === '$or')
      return (condition as Document[]).flatMap((clause) => conditionsOn(clause, path));
    return key === path || key.startsWith(`${path}.`) ? [{ [key]: condition }] : [];
  });
}

function wrap(path: string, value: unknown): Document {
  return path
    .split('.')
    .reverse()
    .reduce<unknown>((inner, part) => ({ [part]: inner }), value) as Document;
}
