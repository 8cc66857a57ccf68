import { Binary, Decimal128, Double, Int32, ObjectId, Timestamp } from 'bson';
import { Query } from 'mingo/query';
import type { Options } from 'mingo/types';
import { type Document, isDocument, isLong } from './document.ts';
import { MongoServerError } from './errors.ts';
import { exactOfDecimal } from './exact-number.ts';
import { compareValues, encodeKey, typeByteOf, typeBytes } from './key-encoding.ts';
import { asksNumberType, numberTypeOf, typedValuesAt } from './number-types.ts';
import { leavesAt, valuesAt } from './paths.ts';

type Test = (document: Document) => boolean;
type QueryOperator = (path: string, operand: unknown, options: Options) => Test;

/** Query operators whose answer depends on MongoDB's types and order, which mingo's own only approximate. */
export const comparisonOperators: Record<string, QueryOperator> = {
  $eq: isEqual,
  $ne: (path, operand) => not(anyValue(path, equalTo(operand))),
  $in: (path, operand) => anyValue(path, isOneOf(operand as unknown[])),
  $nin: (path, operand) => not(anyValue(path, isOneOf(operand as unknown[]))),
  $gt: (path, operand) =>
    anyValue(
      path,
      ordered(operand, (order) => order > 0),
    ),
  $gte: (path, operand) =>
    anyValue(
      path,
      ordered(operand, (order) => order >= 0),
    ),
  $lt: (path, operand) =>
    anyValue(
      path,
      ordered(operand, (order) => order < 0),
    ),
  $lte: (path, operand) =>
    anyValue(
      path,
      ordered(operand, (order) => order <= 0),
    ),
  $all: (path, operand, options) => {
    const tests = (operand as unknown[]).map((item) => new Query({ [path]: item }, options));
    return (document) => tests.length > 0 && tests.every((query) => query.test(document));
  },
  $exists: (path, operand) => {
    const exists = anyValue(path, (value) => value !== undefined);
    return isTruthy(operand) ? exists : not(exists);
  },
  $type: (path, operand) => {
    const types = (Array.isArray(operand) ? operand : [operand]) as unknown[];
    const tests = types.map(typeTest);
    const valuesOf = asksNumberType({ $type: types }) ? typedValuesAt : valuesAt;
    return (document) => valuesOf(document, path).some((value) => tests.some((test) => test(value)));
  },
  $mod: (path, operand) => {
    const [divisor, remainder] = modulusOf(operand);
    return anyValue(path, (value) => {
      const whole = wholeOf(value);
      return whole !== undefined && whole % divisor === remainder;
    });
  },
  $size: (path, operand) => {
    if (!Number.isInteger(operand) || (operand as number) < 0) {
      throw new MongoServerError('BadValue', '$size must be a whole number that is not negative');
    }
    return (document) => leavesAt(document, path).some((leaf) => Array.isArray(leaf) && leaf.length === operand);
  },
};

/** Whether one of the values at the path equals the operand. */
export function isEqual(path: string, operand: unknown): Test {
  return anyValue(path, equalTo(operand));
}

function anyValue(path: string, test: (value: unknown) => boolean): Test {
  return (document) => valuesAt(document, path).some(test);
}

function not(test: Test): Test {
  return (document) => !test(document);
}

function equalTo(operand: unknown): (value: unknown) => boolean {
  if (operand === null || operand === undefined) return (value) => value === null || value === undefined;
  if (typeof operand === 'string' || typeof operand === 'boolean') return (value) => value === operand;
  const key = encodeKey(operand);
  const type = typeByteOf(operand);
  return (value) => typeByteOf(value) === type && Buffer.compare(encodeKey(value), key) === 0;
}

function isOneOf(operands: unknown[]): (value: unknown) => boolean {
  // The flag g, by which bson says MongoDB's s, would make a test go on from where the last one ended.
  const patterns = operands
    .filter((operand) => operand instanceof RegExp)
    .map(({ source, flags }) => new RegExp(source, flags.replace('g', 's')));
  const keys = new Set(operands.map((operand) => keyText(operand)));
  return (value) =>
    keys.has(keyText(value)) || (typeof value === 'string' && patterns.some((pattern) => pattern.test(value)));
}

function keyText(value: unknown): string {
  return Buffer.from(encodeKey(value ?? null)).toString('latin1');
}

function ordered(operand: unknown, accepts: (order: number) => boolean): (value: unknown) => boolean {
  if (operand instanceof RegExp)
    throw new MongoServerError('BadValue', `Can't have RegEx as arg to predicate over field`);
  const type = typeByteOf(operand ?? null);
  return (value) => {
    const known = value ?? null;
    if (type === typeBytes.minKey || type === typeBytes.maxKey) return accepts(compareValues(known, operand));
    if (typeByteOf(known) !== type) return false;
    // NaN equals NaN and is neither above nor below any number.
    if (Number.isNaN(known) !== Number.isNaN(operand)) return false;
    return accepts(compareValues(known, operand ?? null));
  };
}

function isTruthy(operand: unknown): boolean {
  return operand !== false && operand !== 0 && operand !== null && operand !== undefined;
}

/** A number without its places; undefined for what is none. */
function wholeOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (isLong(value)) return value.toBigInt();
  if (!(value instanceof Decimal128) || !/^-?\d/.test(value.toString())) return undefined;
  const { coefficient, exponent } = exactOfDecimal(value.toString());
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? coefficient / power : coefficient * power;
}

function modulusOf(operand: unknown): [divisor: bigint, remainder: bigint] {
  const [divisor, remainder, ...others] = Array.isArray(operand) ? operand.map(wholeOf) : [];
  if (divisor === undefined || remainder === undefined || others.length > 0) {
    throw new MongoServerError('BadValue', 'malformed mod, needs to be an array of two numbers');
  }
  if (divisor === 0n) throw new MongoServerError('BadValue', 'divisor cannot be 0');
  return [divisor, remainder];
}

const typeTests: Record<string, (value: unknown) => boolean> = {
  double: (value) => numberTypeOf(value) === 'double',
  string: (value) => typeof value === 'string',
  object: (value) => isDocument(value),
  array: (value) => Array.isArray(value),
  binData: (value) => value instanceof Binary,
  objectId: (value) => value instanceof ObjectId,
  bool: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  null: (value) => value === null,
  regex: (value) => value instanceof RegExp,
  int: (value) => numberTypeOf(value) === 'int',
  timestamp: (value) => value instanceof Timestamp,
  long: (value) => numberTypeOf(value) === 'long',
  decimal: (value) => value instanceof Decimal128,
  number: (value) =>
    typeof value === 'number' ||
    isLong(value) ||
    value instanceof Int32 ||
    value instanceof Double ||
    value instanceof Decimal128,
};

const typeNumbers: Record<number, string> = {
  1: 'double', 2: 'string', 3: 'object', 4: 'array', 5: 'binData', 7: 'objectId', 8: 'bool', 9: 'date', 10: 'null', 11: 'regex',
  16: 'int', 17: 'timestamp', 18: 'long', 19: 'decimal',
}; // prettier-ignore

function typeTest(type: unknown): (value: unknown) => boolean {
  const test = typeTests[typeof type === 'number' ? (typeNumbers[type] ?? '') : String(type)];
  if (!test) throw new MongoServerError('BadValue', `Unknown type name alias: ${String(type)}`);
  return test;
}
