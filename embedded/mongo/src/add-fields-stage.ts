import { evalExpr } from 'mingo/core';
import type { Lazy } from 'mingo/lazy';
import type { Options } from 'mingo/types';
import { type Document, isDocument } from './document.ts';

/** The pipeline stage $addFields, in place of mingo's, which passes over arrays of documents and replaces nested documents. */
export function addFieldsStage(
  documents: ReturnType<typeof Lazy>,
  fields: Document,
  options: Options,
): ReturnType<typeof Lazy> {
  const additions = flatten(fields).map(([path, expression]) => ({ parts: path.split('.'), expression }));
  return documents.map((item) => {
    const document = item as Document;
    return additions.reduce<Document>(
      (changed, { parts, expression }) => withValue(changed, parts, evalExpr(document, expression, options)),
      document,
    );
  });
}

/** `{ a: { b: 1 } }` adds to `a`, as `{ 'a.b': 1 }` does. */
function flatten(fields: Document, prefix = ''): [path: string, expression: unknown][] {
  return Object.entries(fields).flatMap(([key, expression]) => {
    const names = isDocument(expression) ? Object.keys(expression) : [];
    const isNested = names.length > 0 && !names[0]?.startsWith('$');
    return isNested ? flatten(expression as Document, `${prefix}${key}.`) : [[`${prefix}${key}`, expression]];
  });
}

/** A copy with the value at the path, in each element of an array on the way; undefined removes it. */
function withValue(holder: Document, [part = '', ...rest]: readonly string[], value: unknown): Document {
  const { [part]: before, ...others } = holder;
  const after = rest.length === 0 ? value : inside(before, rest, value);
  if (after === undefined) return others;
  return { ...holder, [part]: after };
}

function inside(holder: unknown, parts: readonly string[], value: unknown): unknown {
  if (Array.isArray(holder)) return holder.map((item: unknown) => inside(item, parts, value));
  if (value === undefined && !isDocument(holder)) return holder;
  return withValue(isDocument(holder) ? holder : {}, parts, value);
}
