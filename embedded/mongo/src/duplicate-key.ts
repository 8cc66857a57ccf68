import { Decimal128, ObjectId } from 'bson';
import { isDocument, isNumeric } from './document.ts';
import { MongoServerError } from './errors.ts';
import type { Index } from './index-spec.ts';

/** MongoDB's E11000: drivers and applications read `keyPattern` and `keyValue`, people the message. */
export function duplicateKeyError(
  namespace: string,
  index: Pick<Index, 'name' | 'paths' | 'spec'>,
  values: readonly unknown[],
): MongoServerError {
  const keyValue = Object.fromEntries(index.paths.map((path, position) => [path, values[position] ?? null]));
  return new MongoServerError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: ${printValue(keyValue)}`,
    { keyPattern: index.spec['key'], keyValue },
  );
}

function printValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (isNumeric(value) || value instanceof Decimal128 || value instanceof RegExp) return value.toString();
  if (Array.isArray(value)) return `[ ${value.map(printValue).join(', ')} ]`;
  if (!isDocument(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${printValue(item)}`)
    .join(', ')} }`;
}
