import assert from 'node:assert/strict';
import { BSON, type Document, Long } from 'mongodb';

/**
 * How a value differs from what a test expects, in a line; undefined if it doesn't. Documents at the root may have more fields than
 * expected, those inside may not.
 */
export function difference(expected: unknown, actual: unknown, isRoot = true, at = 'result'): string | undefined {
  if (isDocument(expected)) {
    const [operator] = Object.keys(expected);
    if (operator?.startsWith('$$')) return specialDifference(operator, expected[operator], actual, isRoot, at);
    if (!isDocument(actual)) return mismatch(expected, actual, at);
    return documentDifference(expected, actual, isRoot, at);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return mismatch(expected, actual, at);
    for (const [index, item] of expected.entries()) {
      const found = difference(item, actual[index], isRoot, `${at}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return isSame(expected, actual) ? undefined : mismatch(expected, actual, at);
}

/** What a collection holds afterwards has no field more or less. */
export function exactDifference(
  expected: readonly Document[],
  actual: readonly Document[],
  at: string,
): string | undefined {
  return difference(expected, actual, false, at);
}

function documentDifference(expected: Document, actual: Document, isRoot: boolean, at: string): string | undefined {
  for (const [key, value] of Object.entries(expected)) {
    const found = difference(value, actual[key], false, `${at}.${key}`);
    if (found !== undefined) return found;
  }
  const extra = isRoot ? undefined : Object.keys(actual).find((key) => !(key in expected));
  return extra === undefined ? undefined : `${at} has ${extra}, which is not expected`;
}

function specialDifference(
  operator: string,
  operand: unknown,
  actual: unknown,
  isRoot: boolean,
  at: string,
): string | undefined {
  switch (operator) {
    case '$$unsetOrMatches':
      // The driver says null where there is nothing.
      return actual === undefined || actual === null ? undefined : difference(operand, actual, isRoot, at);
    case '$$exists':
      return (actual !== undefined) === operand ? undefined : `${at} should ${operand === true ? '' : 'not '}be there`;
    case '$$type':
      return [operand].flat().includes(typeNameOf(actual)) ? undefined : mismatch({ $$type: operand }, actual, at);
    default:
      throw new Error(`the runner doesn't know ${operator}`);
  }
}

function typeNameOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string') return 'string';
  if (Long.isLong(value)) return 'long';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  return isDocument(value) ? 'object' : typeof value;
}

/** Numbers of different types are the same if they are equal; other values are compared as BSON writes them. */
function isSame(expected: unknown, actual: unknown): boolean {
  if (isNumber(expected) && isNumber(actual)) return Number(expected) === Number(actual);
  try {
    assert.deepEqual(BSON.EJSON.serialize({ value: actual }), BSON.EJSON.serialize({ value: expected }));
    return true;
  } catch {
    return false;
  }
}

function isNumber(value: unknown): value is number | Long {
  return typeof value === 'number' || Long.isLong(value);
}

export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || !('_bsontype' in value || isBuiltIn(value));
}

function isBuiltIn(value: object): boolean {
  return Array.isArray(value) || value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value);
}

function mismatch(expected: unknown, actual: unknown, at: string): string {
  return `${at} is ${JSON.stringify(actual)?.slice(0, 200)}, expected ${JSON.stringify(expected)?.slice(0, 200)}`;
}
