import { expect, test } from '@jest/globals';
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { compareValues, encodeKey, encodeKeyTuple, keySuccessor } from './key-encoding.ts';

const compareKeys = (left: unknown, right: unknown) => Math.sign(Buffer.compare(encodeKey(left), encodeKey(right)));

const toDecimal = (digits: bigint, exponent: number) => Decimal128.fromString(`${digits}E${exponent}`);

test('keys of values of all types stand in the order of MongoDB', () => {
  const ordered = [
    new MinKey(),
    null,
    Number.NaN,
    -Infinity,
    -1,
    0,
    1,
    '',
    'a',
    'a\0',
    'ab',
    {},
    { a: 1 },
    { a: 1, b: 1 },
    { a: 'x' },
    [],
    [1],
    [1, 2],
    [2],
    new Binary(Buffer.from([9])),
    new Binary(Buffer.from([1, 1])),
    new ObjectId('000000000000000000000001'),
    new ObjectId('000000000000000000000002'),
    false,
    true,
    new Date(-1),
    new Date(0),
    new Timestamp({ t: 1, i: 1 }),
    /a/,
    /b/,
    new MaxKey(),
  ];
  const keys = ordered.map((value) => encodeKey(value));
  expect([...keys].sort((left, right) => Buffer.compare(left, right))).toEqual(keys);
});

test('keys of doubles stand in the order of the doubles', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (left, right) => {
      expect(compareKeys(left, right)).toBe(left < right ? -1 : left > right ? 1 : 0);
    }),
  );
});

test('keys of int64s stand in the order of the int64s, also beyond what a double tells apart', () => {
  const int64 = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(2n ** 53n, 2n ** 53n + 10n));
  fc.assert(
    fc.property(int64, int64, (left, right) => {
      expect(compareKeys(Long.fromBigInt(left), Long.fromBigInt(right))).toBe(left < right ? -1 : left > right ? 1 : 0);
    }),
  );
});

test('keys of decimals stand in the order of the decimals', () => {
  const decimal = fc.tuple(fc.bigInt(-(10n ** 33n), 10n ** 33n), fc.integer({ min: -40, max: 20 }));
  fc.assert(
    fc.property(decimal, decimal, ([left, leftExponent], [right, rightExponent]) => {
      const least = Math.min(leftExponent, rightExponent);
      const difference = left * 10n ** BigInt(leftExponent - least) - right * 10n ** BigInt(rightExponent - least);
      expect(compareKeys(toDecimal(left, leftExponent), toDecimal(right, rightExponent))).toBe(
        difference < 0n ? -1 : difference > 0n ? 1 : 0,
      );
    }),
  );
});

test('one number has one key, whatever its BSON type', () => {
  const [plain, ...others] = [5, new Int32(5), new Double(5), Long.fromNumber(5), Decimal128.fromString('5.0')];
  for (const other of others) expect(compareValues(other, plain)).toBe(0);
  expect(compareValues(0.1, Decimal128.fromString('0.1'))).not.toBe(0);
  expect(compareValues(-0, 0)).toBe(0);
});

test('keys of descending fields stand in the opposite order', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (left, right) => {
      const [one, other] = [encodeKeyTuple([left], [-1]), encodeKeyTuple([right], [-1])];
      expect(Math.sign(Buffer.compare(one, other))).toBe(-compareKeys(left, right) || 0);
    }),
  );
});

test('no key is the beginning of another one', () => {
  const value = fc.anything({ withDate: true, values: [fc.string(), fc.double(), fc.boolean(), fc.constant(null)] });
  fc.assert(
    fc.property(value, value, (left, right) => {
      const [one, other] = [encodeKey(left), encodeKey(right)];
      const isPrefix = Buffer.compare(one, other.subarray(0, one.length)) === 0;
      expect(isPrefix && one.length !== other.length).toBe(false);
    }),
  );
});

test('the successor of a key is above all that begins with it, and leaves the key as it is', () => {
  const key = Buffer.from([1, 0xff]);
  expect(keySuccessor(key)).toEqual(Buffer.from([2]));
  expect(key).toEqual(Buffer.from([1, 0xff]));
  expect(keySuccessor(Buffer.from([0xff]))).toBeUndefined();
});
