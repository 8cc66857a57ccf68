import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { refuseFeature } from './errors.ts';
import { typeBytes, typeByteOf } from './key-encoding.ts';

const names = new Map<number, string>([
  [typeBytes.minKey, 'minKey'],
  [typeBytes.undefined, 'missing'],
  [typeBytes.null, 'null'],
  [typeBytes.string, 'string'],
  [typeBytes.object, 'object'],
  [typeBytes.array, 'array'],
  [typeBytes.binary, 'binData'],
  [typeBytes.objectId, 'objectId'],
  [typeBytes.boolean, 'bool'],
  [typeBytes.date, 'date'],
  [typeBytes.timestamp, 'timestamp'],
  [typeBytes.regex, 'regex'],
  [typeBytes.code, 'javascript'],
  [typeBytes.maxKey, 'maxKey'],
]);

/** The expression `$type`, with MongoDB's names; of a number only `double` is known for certain. */
export function typeExpression(document: unknown, expression: unknown, options: Options): string {
  const value = evalExpr(document, expression, options);
  const name = names.get(typeByteOf(value));
  if (name !== undefined) return name;
  if (typeof value === 'number' && !Number.isInteger(value)) return 'double';
  return refuseFeature('the expression $type of a whole number');
}
