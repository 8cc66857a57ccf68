import { evalExpr } from 'mingo/core';
import { $mergeObjects, $range, $slice, $switch } from 'mingo/operators/expression';
import type { Options } from 'mingo/types';
import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { fieldOf } from './paths.ts';

type Expression = (document: unknown, operand: unknown, options: Options) => unknown;

/** What one expression may make of a few numbers: MongoDB's own limit is 100 MB. */
const rangeLengthMax = 2_000_000;

const isMissing = (value: unknown) => value === null || value === undefined;

/** A path with dots: through arrays the values of their documents, and a number is a field's name, no position. */
export const fieldPath: Expression = (document, operand, options) => {
  const [head, ...parts] = operand as string[];
  return fieldsAt(evalExpr(document, head, options), parts);
};

function fieldsAt(value: unknown, parts: readonly string[], at = 0): unknown {
  if (at === parts.length) return value;
  if (isDocument(value)) return fieldsAt(fieldOf(value, parts[at] ?? ''), parts, at + 1);
  if (!Array.isArray(value)) return undefined;
  return value
    .filter(isDocument)
    .map((item) => fieldsAt(item, parts, at))
    .filter((item) => item !== undefined);
}

const arrayToObject: Expression = (document, operand, options) => {
  const array = evalExpr(document, operand, options);
  if (isMissing(array)) return null;
  if (!Array.isArray(array)) throw new MongoServerError('Location40386', '$arrayToObject requires an array input');
  const pairs = (array as unknown[]).map((item) => {
    const isPair = isDocument(item) && Object.keys(item).sort().join() === 'k,v';
    const pair = isPair ? [item['k'], item['v']] : item;
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string')
      throw new MongoServerError('Location40392', '$arrayToObject requires pairs of a text and a value');
    return pair as [string, unknown];
  });
  return Object.fromEntries(pairs);
};

const mergeObjects: Expression = (document, operand, options) => {
  // In a group it is the accumulator.
  if (!Array.isArray(document)) {
    const merged = [evalExpr(document as never, operand, options)].flat();
    if (!merged.every((item) => isMissing(item) || isDocument(item)))
      throw new MongoServerError('Location40400', '$mergeObjects requires object inputs');
    return Object.assign({}, ...merged) as Document;
  }
  return $mergeObjects(document as never, operand, options);
};

const range: Expression = (document, operand, options) => {
  const [start, end, step = 1] = evalExpr(document, operand, options) as number[];
  if (Math.abs(((end ?? 0) - (start ?? 0)) / step) > rangeLengthMax)
    throw new MongoServerError('ExceededMemoryLimit', `$range would exceed memory limit of ${rangeLengthMax} numbers`);
  return $range(document as never, operand, options);
};

const size: Expression = (document, operand, options) => {
  const array = evalExpr(document, operand, options);
  if (Array.isArray(array)) return array.length;
  throw new MongoServerError('Location17124', 'The argument to $size must be an array');
};

const slice: Expression = (document, operand, options) => {
  const [array] = evalExpr(document, operand, options) as unknown[];
  return isMissing(array) ? null : $slice(document as never, operand, options);
};

const switchCase: Expression = (document, operand, options) => {
  const fallback = (operand as Document)['default'] ?? { $noBranch: 1 };
  return $switch(document as never, { ...(operand as Document), default: fallback } as never, options);
};

export const noBranch: Expression = () => {
  throw new MongoServerError('Location40066', '$switch could not find a matching branch, and no default was specified');
};

/** Expressions on arrays and documents that refuse what MongoDB refuses, where mingo's answer somehow. */
export const arrayExpressions: Record<string, Expression> = {
  $arrayToObject: arrayToObject,
  $mergeObjects: mergeObjects,
  $range: range,
  $size: size,
  $slice: slice,
  $switch: switchCase,
};
