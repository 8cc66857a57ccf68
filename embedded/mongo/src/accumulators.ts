import { $bottomN, $push, $stdDevSamp, $topN } from 'mingo/operators/accumulator';
import type { Options } from 'mingo/types';
import { compareValues, encodeKey } from './key-encoding.ts';

type Accumulator = (documents: unknown[], expression: unknown, options: Options) => unknown;

/** What the expression gives for each document, without those where it gives nothing. */
function valuesOf(documents: unknown[], expression: unknown, options: Options): unknown[] {
  if (expression === null || expression === undefined) return documents;
  // Within a document what is missing stays apart from null, which mingo makes of it otherwise.
  const held = $push(documents, { value: expression }, options) as { value?: unknown }[];
  return held.map(({ value }) => value).filter((value) => value !== undefined);
}

function distinct(values: unknown[]): unknown[] {
  const known = new Map<string, unknown>();
  for (const value of values) {
    const key = Buffer.from(encodeKey(value)).toString('latin1');
    if (!known.has(key)) known.set(key, value);
  }
  return [...known.values()];
}

function extreme(direction: 1 | -1): Accumulator {
  return (documents, expression, options) =>
    valuesOf(documents, expression, options)
      .filter((value) => value !== null && value !== undefined)
      .reduce<unknown>(
        (best, value) => (best === null || compareValues(value, best) * direction > 0 ? value : best),
        null,
      );
}

/** Of one: mingo's give an array of it. */
function single(several: typeof $topN): Accumulator {
  return (documents, expression, options) =>
    several(documents as never, { ...(expression as object), n: 1 } as never, options)[0] ?? null;
}

/** The accumulators of $group that treat missing fields and mixed types as MongoDB does, in place of mingo's. */
export const accumulatorsAsMongo: Record<string, Accumulator> = {
  $push: valuesOf,
  $addToSet: (documents, expression, options) => distinct(valuesOf(documents, expression, options)),
  $max: extreme(1),
  $min: extreme(-1),
  $top: single($topN),
  $bottom: single($bottomN),
  $stdDevSamp: (documents, expression, options) => {
    const deviation = $stdDevSamp(documents as never, expression, options);
    return Number.isNaN(deviation) ? null : deviation;
  },
};
