import { evalExpr } from 'mingo/core';
import { $avg, $bottomN, $push, $stdDevPop, $stdDevSamp, $sum, $topN } from 'mingo/operators/accumulator';
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

/** Accumulators that are expressions too: of the elements of one array, or of several values. */
export const arrayAccumulators = ['$avg', '$max', '$min', '$stdDevPop', '$stdDevSamp', '$sum'];

const ofArrays: Record<string, Accumulator> = { $avg, $stdDevPop, $sum, ...accumulatorsAsMongo } as never;

/** They go by a name of their own: that of the accumulator would be taken for it wherever a document is an array. */
export const accumulatorExpressions = Object.fromEntries(
  arrayAccumulators.map((name) => {
    const expression = (document: unknown, operand: unknown, options: Options): unknown => {
      const values = [operand].flat().map((item) => evalExpr(document as never, item, options));
      const single = values.length === 1 ? values[0] : values;
      return ofArrays[name]?.(Array.isArray(single) ? single : [single], null, options);
    };
    return [`${name}_`, expression];
  }),
);
