import { Decimal128 } from 'bson';
import { type Document, isDocument, isLong } from './document.ts';
import { refuseFeature } from './errors.ts';

/**
 * mingo computes with JavaScript's numbers and would pass over others without a word: what an expression reads must be without
 * them.
 * @param expression a pipeline, or any part of one
 * @returns throws NotImplemented for a document that has one in a field which the expression reads
 */
export function requireComputable(expression: unknown): (document: Document) => void {
  const roots = new Set<string>();
  const readsAll = collectRoots(expression, roots);
  return (document) => {
    if (readsAll) requireNoExact(document);
    else for (const root of roots) requireNoExact(document[root]);
  };
}

/** @throws NotImplemented where a value, or one inside, is a Decimal128 or an int64 that no double holds. */
export function requireNoExact(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(requireNoExact);
  if (isDocument(value)) return Object.values(value).forEach(requireNoExact);
  if (value instanceof Decimal128) refuseFeature('an expression with a Decimal128');
  if (isLong(value)) refuseFeature('an expression with an int64 beyond 2^53');
}

/** Gathers the top-level fields that are read; true where it is the whole document. */
function collectRoots(expression: unknown, roots: Set<string>): boolean {
  if (typeof expression === 'string') {
    if (/^\$\$(?:ROOT|CURRENT)\b/.test(expression)) return true;
    if (expression.startsWith('$')) roots.add(rootOf(expression.slice(1)));
    return false;
  }
  if (Array.isArray(expression)) return expression.map((item) => collectRoots(item, roots)).includes(true);
  if (!isDocument(expression)) {
    requireNoExact(expression);
    return false;
  }
  return Object.entries(expression)
    .map(([key, item]) => {
      // Here fields are named without a dollar.
      if (key === 'sortBy' && isDocument(item)) for (const path of Object.keys(item)) roots.add(rootOf(path));
      if (/^(?:localField|connectFromField)$/.test(key) && typeof item === 'string') roots.add(rootOf(item));
      return key !== '$match' && collectRoots(item, roots);
    })
    .includes(true);
}

function rootOf(path: string): string {
  return path.split('.')[0] ?? '';
}
