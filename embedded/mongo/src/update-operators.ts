import { Double, Int32, Long, Timestamp } from 'bson';
import { Decimal128 } from 'bson';
import { type Document, isDocument, isLong, isNumeric, promote } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { compareValues } from './key-encoding.ts';
import { compileFilter } from './query.ts';
import { parseSort, sortBy } from './sort.ts';

interface Site {
  path: string;
  now: Date;
}

/** The value before (undefined: no such field) and the operand, both typed, give the value after (undefined: remove). */
type Operator = (before: unknown, operand: unknown, site: Site) => unknown;

export const operators = {
  $set: (_before, operand) => operand,
  $unset: () => undefined,
  $inc: (before, operand, site) => calculate(before, operand, '$inc', site),
  $mul: (before, operand, site) => calculate(before, operand, '$mul', site),
  $min: (before, operand) => (before === undefined || compareValues(operand, before) < 0 ? operand : before),
  $max: (before, operand) => (before === undefined || compareValues(operand, before) > 0 ? operand : before),
  $currentDate: (_before, operand, { now }) => {
    const type = isDocument(operand) ? operand['$type'] : typeof operand === 'boolean' ? 'date' : undefined;
    if (type === 'timestamp') return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
    if (type === 'date') return new Date(now);
    throw new MongoServerError('BadValue', "$currentDate needs a boolean or { $type: 'date' or 'timestamp' }");
  },
  $bit: calculateBits,
  $push: push,
  $addToSet: (before, operand, site) => {
    const array = arrayOf(before, site, '$addToSet');
    const added = isDocument(operand) && '$each' in operand ? arrayOperand(operand['$each'], '$each') : [operand];
    const result = [...array];
    for (const item of added) if (!result.some((known) => compareValues(known, item) === 0)) result.push(item);
    return result;
  },
  $pop: (before, operand, site) => {
    const end = promote(operand);
    if (end !== 1 && end !== -1) throw new MongoServerError('FailedToParse', '$pop expects 1 or -1');
    if (before === undefined) return undefined;
    const array = arrayOf(before, site, '$pop');
    return end === -1 ? array.slice(1) : array.slice(0, -1);
  },
  $pull: (before, operand, site) => {
    if (before === undefined) return undefined;
    const isPulled = pullTest(promote(operand));
    return arrayOf(before, site, '$pull').filter((item) => !isPulled(promote(item)));
  },
  $pullAll: (before, operand, site) => {
    if (before === undefined) return undefined;
    const pulled = arrayOperand(operand, '$pullAll');
    return arrayOf(before, site, '$pullAll').filter(
      (item) => !pulled.some((other) => compareValues(item, other) === 0),
    );
  },
} satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;

function calculate(before: unknown, operand: unknown, operator: '$inc' | '$mul', { path }: Site): unknown {
  if (before instanceof Decimal128 || operand instanceof Decimal128) refuseFeature(`${operator} with Decimal128`);
  if (!isNumeric(operand))
    throw new MongoServerError(
      'TypeMismatch',
      `Cannot ${operator === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ...}`,
    );
  if (before === undefined && operator === '$inc') return operand;
  const known = before === undefined ? new Int32(0) : before;
  if (!isNumeric(known)) {
    throw new MongoServerError(
      'TypeMismatch',
      `Cannot apply ${operator} to a value of non-numeric type. The field '${path}' has another type`,
    );
  }
  if (isDouble(known) || isDouble(operand)) {
    const [left, right] = [Number(known.toString()), Number(operand.toString())];
    return new Double(operator === '$inc' ? left + right : left * right);
  }
  const [left, right] = [BigInt(known.toString()), BigInt(operand.toString())];
  const result = operator === '$inc' ? left + right : left * right;
  return integerOf(result, isLong(known) || isLong(operand));
}

function isDouble(value: number | Int32 | Double | Long): boolean {
  return value instanceof Double || (typeof value === 'number' && !Number.isInteger(value));
}

function integerOf(value: bigint, isInt64: boolean): Int32 | Long {
  if (!isInt64 && BigInt.asIntN(32, value) === value) return new Int32(Number(value));
  if (BigInt.asIntN(64, value) !== value)
    throw new MongoServerError('BadValue', 'Failed to apply the operation: the result exceeds an int64');
  return Long.fromBigInt(value);
}

function calculateBits(before: unknown, operand: unknown, { path }: Site): unknown {
  const [entry, ...others] = isDocument(operand) ? Object.entries(operand) : [];
  if (!entry || others.length > 0)
    throw new MongoServerError('BadValue', `The $bit modifier needs one of and, or, xor: {${path}: ...}`);
  const [name, mask] = entry;
  const known = before === undefined ? new Int32(0) : before;
  if (!isNumeric(known) || !isNumeric(mask) || isDouble(known) || isDouble(mask)) {
    throw new MongoServerError('BadValue', `Cannot apply $bit to a value that is no integer: {${path}: ...}`);
  }
  const [left, right] = [BigInt(known.toString()), BigInt(mask.toString())];
  const results: Record<string, bigint> = { and: left & right, or: left | right, xor: left ^ right };
  const result = results[name];
  if (result === undefined)
    throw new MongoServerError('BadValue', `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
  return integerOf(result, isLong(known) || isLong(mask));
}

function push(before: unknown, operand: unknown, site: Site): unknown[] {
  const array = arrayOf(before, site, '$push');
  if (!isDocument(operand) || !('$each' in operand)) return [...array, operand];
  const unknown = Object.keys(operand).find((key) => !['$each', '$position', '$slice', '$sort'].includes(key));
  if (unknown) throw new MongoServerError('BadValue', `Unrecognized clause in $push: ${unknown}`);
  const { $position: position, $slice: slice, $sort: sort } = promote({ ...operand, $each: [] }) as Document;
  if (position !== undefined && !Number.isInteger(position))
    throw new MongoServerError('BadValue', 'The value for $position must be an integer value');
  const result = [...array];
  result.splice(typeof position === 'number' ? position : result.length, 0, ...arrayOperand(operand['$each'], '$each'));
  return sliced(sort === undefined ? result : sorted(result, sort), slice);
}

function sorted(array: unknown[], sort: unknown): unknown[] {
  if (isDocument(sort)) return sortBy(array, parseSort(sort), (item) => (isDocument(item) ? item : {}));
  if (sort !== 1 && sort !== -1)
    throw new MongoServerError('BadValue', 'The $sort element value must be either 1 or -1');
  return [...array].sort((left, right) => compareValues(left, right) * sort);
}

function sliced(array: unknown[], slice: unknown): unknown[] {
  if (slice === undefined) return array;
  if (!Number.isInteger(slice)) throw new MongoServerError('BadValue', 'The value for $slice must be an integer value');
  const count = slice as number;
  return count >= 0 ? array.slice(0, count) : array.slice(count);
}

function pullTest(condition: unknown): (item: unknown) => boolean {
  if (isDocument(condition) && !Object.keys(condition).some((key) => key.startsWith('$'))) {
    const matches = compileFilter(condition);
    return (item) => isDocument(item) && matches(item);
  }
  // A value is compared with the element itself, not with what an array in its place holds.
  if (!isDocument(condition) && !(condition instanceof RegExp)) return (item) => compareValues(item, condition) === 0;
  const matches = compileFilter({ item: condition });
  return (item) => matches({ item });
}

function arrayOf(before: unknown, { path }: Site, operator: string): unknown[] {
  if (before === undefined) return [];
  if (Array.isArray(before)) return before;
  throw new MongoServerError('BadValue', `The field '${path}' must be an array for ${operator}`);
}

function arrayOperand(operand: unknown, name: string): unknown[] {
  if (Array.isArray(operand)) return operand;
  throw new MongoServerError('BadValue', `The argument to ${name} must be an array`);
}
