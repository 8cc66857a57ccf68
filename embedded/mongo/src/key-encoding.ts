import { Binary, Code, DBRef, Decimal128, Double, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { type Document, isLong } from './document.ts';
import { MongoServerError } from './errors.ts';
import { type ExactNumber, exactOfDecimal, exactOfDouble, nearestDouble, subtractExact } from './exact-number.ts';

/**
 * First byte of each encoded value: MongoDB's order of types. `undefined` stands for the value of an empty array in an
 * index, which MongoDB sorts before null.
 */
export const typeBytes = {
  minKey: 0x01,
  undefined: 0x05,
  null: 0x0a,
  number: 0x14,
  string: 0x1e,
  object: 0x28,
  array: 0x32,
  binary: 0x3c,
  objectId: 0x46,
  boolean: 0x50,
  date: 0x5a,
  timestamp: 0x5f,
  regex: 0x64,
  code: 0x6e,
  maxKey: 0xfe,
} as const;

/**
 * Encodes a BSON value so that bytewise order of two encodings is MongoDB's order of the values, and equal values (1 as
 * int32, int64, double or decimal) have equal bytes. No encoding is the beginning of another one, so they can be joined.
 */
export function encodeKey(value: unknown): Uint8Array {
  const writer = new KeyWriter();
  writer.writeValue(value);
  return writer.finish();
}

/** Encodes one value a field of an index, inverting the bytes of descending fields. */
export function encodeKeyTuple(values: readonly unknown[], directions: readonly (1 | -1)[]): Uint8Array {
  const writer = new KeyWriter();
  values.forEach((value, position) => writer.writeDirected(value, directions[position] ?? 1));
  return writer.finish();
}

export function compareValues(left: unknown, right: unknown): number {
  if (typeof left === 'string' && typeof right === 'string' && left === right) return 0;
  if (typeof left === 'number' && typeof right === 'number' && left === left && right === right) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return Buffer.compare(encodeKey(left), encodeKey(right));
}

/** Two values are comparable by $lt and its like only within the same type. */
export function typeByteOf(value: unknown): number {
  return encodedTypeOf(value);
}

/** The least key above all keys that begin with `prefix`; undefined if there is none. */
export function keySuccessor(prefix: Uint8Array): Uint8Array | undefined {
  let last = prefix.length - 1;
  while (last >= 0 && prefix[last] === 0xff) last--;
  if (last < 0) return undefined;
  const successor = Buffer.from(prefix.subarray(0, last + 1));
  successor[last] = (successor[last] ?? 0) + 1;
  return successor;
}

function encodedTypeOf(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return typeBytes.undefined;
    case 'number':
    case 'bigint':
      return typeBytes.number;
    case 'string':
    case 'symbol':
      return typeBytes.string;
    case 'boolean':
      return typeBytes.boolean;
    case 'function':
      return typeBytes.code;
    case 'object':
      return typeOfObject(value);
  }
}

function typeOfObject(value: object | null): number {
  if (value === null) return typeBytes.null;
  if (Array.isArray(value)) return typeBytes.array;
  if (value instanceof Date) return typeBytes.date;
  if (value instanceof RegExp) return typeBytes.regex;
  if (value instanceof ObjectId) return typeBytes.objectId;
  if (value instanceof Timestamp) return typeBytes.timestamp;
  if (isLong(value) || value instanceof Int32 || value instanceof Double || value instanceof Decimal128) {
    return typeBytes.number;
  }
  if (value instanceof Binary || ArrayBuffer.isView(value)) return typeBytes.binary;
  if (value instanceof MinKey) return typeBytes.minKey;
  if (value instanceof MaxKey) return typeBytes.maxKey;
  if (value instanceof Code) return typeBytes.code;
  return 'toString' in value && (value as { _bsontype?: string })._bsontype === 'BSONSymbol'
    ? typeBytes.string
    : typeBytes.object;
}

const isNegativeFlag = 0x7f;
const isExactFlag = 0x80;
const isPositiveFlag = 0x81;

class KeyWriter {
  #buffer = Buffer.allocUnsafe(64);
  #length = 0;

  finish(): Uint8Array {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  writeDirected(value: unknown, direction: 1 | -1) {
    const start = this.#length;
    this.writeValue(value);
    if (direction === 1) return;
    for (let at = start; at < this.#length; at++) this.#buffer[at] = ~(this.#buffer[at] ?? 0) & 0xff;
  }

  writeValue(value: unknown) {
    const type = encodedTypeOf(value);
    this.#writeByte(type);
    this.#writeBody(value, type);
  }

  #writeBody(value: unknown, type: number) {
    switch (type) {
      case typeBytes.number:
        return this.#writeNumber(value);
      case typeBytes.string:
        return this.#writeText(String(value));
      case typeBytes.object:
        return this.#writeObject(value instanceof DBRef ? fieldsOf(value) : (value as Document));
      case typeBytes.array:
        for (const item of value as unknown[]) this.writeValue(item === undefined ? null : item);
        return this.#writeByte(0);
      case typeBytes.binary:
        return this.#writeBinary(value as Binary | Uint8Array);
      case typeBytes.objectId:
        return this.#writeBytes((value as ObjectId).id);
      case typeBytes.boolean:
        return this.#writeByte(value === true ? 1 : 0);
      case typeBytes.date:
        return this.#writeInt64(BigInt(Math.trunc((value as Date).getTime() || 0)));
      case typeBytes.timestamp:
        return this.#writeUint64(BigInt.asUintN(64, (value as Timestamp).toBigInt()));
      case typeBytes.regex:
        this.#writeText((value as RegExp).source);
        return this.#writeText((value as RegExp).flags);
      case typeBytes.code:
        return this.#writeText(value instanceof Code ? value.code : String(value));
      default:
    }
  }

  #writeNumber(value: unknown) {
    if (typeof value === 'number') return this.#writeExactDouble(value);
    if (value instanceof Int32 || value instanceof Double) return this.#writeExactDouble(value.valueOf());
    if (typeof value === 'bigint') return this.#writeExact({ coefficient: value, exponent: 0 });
    if (isLong(value)) return this.#writeExact({ coefficient: value.toBigInt(), exponent: 0 });
    const text = (value as Decimal128).toString();
    if (text === 'NaN') return this.#writeExactDouble(Number.NaN);
    if (text.endsWith('Infinity')) return this.#writeExactDouble(Number(text));
    return this.#writeExact(exactOfDecimal(text));
  }

  #writeExactDouble(value: number) {
    this.#writeDouble(value);
    this.#writeByte(isExactFlag);
  }

  /**
   * The nearest double, and, where that isn't exact, twice more what is left: three doubles hold more digits than an int64 or
   * a Decimal128 has. Rounding keeps the order, so the order of the triples is that of the numbers.
   */
  #writeExact(value: ExactNumber) {
    const nearest = nearestDouble(value);
    if (!Number.isFinite(nearest) || (nearest === 0 && value.coefficient !== 0n)) {
      throw new MongoServerError(
        'NotImplemented',
        'comparing a Decimal128 beyond the range of a double is not supported',
      );
    }
    this.#writeDouble(nearest);
    const rest = subtractExact(value, exactOfDouble(nearest));
    if (rest.coefficient === 0n) return this.#writeByte(isExactFlag);
    this.#writeByte(rest.coefficient < 0n ? isNegativeFlag : isPositiveFlag);
    const nearestRest = nearestDouble(rest);
    this.#writeDouble(nearestRest);
    this.#writeDouble(nearestDouble(subtractExact(rest, exactOfDouble(nearestRest))));
  }

  #writeDouble(value: number) {
    this.#reserve(8);
    if (Number.isNaN(value)) {
      this.#buffer.fill(0, this.#length, this.#length + 8);
    } else {
      this.#buffer.writeDoubleBE(value === 0 ? 0 : value, this.#length);
      const isNegative = ((this.#buffer[this.#length] ?? 0) & 0x80) !== 0;
      if (isNegative)
        for (let at = 0; at < 8; at++) this.#buffer[this.#length + at] = ~this.#buffer[this.#length + at]! & 0xff;
      else this.#buffer[this.#length] = this.#buffer[this.#length]! | 0x80;
    }
    this.#length += 8;
  }

  /** Ends with 00 00; a zero byte inside is 00 FF, so that "a" < "a\0" < "ab". */
  #writeText(text: string) {
    const size = Buffer.byteLength(text);
    if (!text.includes('\0')) {
      this.#reserve(size + 2);
      this.#length += this.#buffer.write(text, this.#length);
    } else {
      for (const byte of Buffer.from(text)) {
        this.#writeByte(byte);
        if (byte === 0) this.#writeByte(0xff);
      }
    }
    this.#writeByte(0);
    this.#writeByte(0);
  }

  /** MongoDB compares field by field: first the type, then the name, then the value. */
  #writeObject(document: Document) {
    for (const [key, item] of Object.entries(document)) {
      if (item === undefined) continue;
      const type = encodedTypeOf(item);
      this.#writeByte(type);
      this.#writeText(key);
      this.#writeBody(item, type);
    }
    this.#writeByte(0);
  }

  #writeBinary(value: Binary | Uint8Array) {
    const bytes = value instanceof Binary ? value.value() : value;
    this.#reserve(5);
    this.#buffer.writeUInt32BE(bytes.length, this.#length);
    this.#buffer[this.#length + 4] = value instanceof Binary ? value.sub_type : 0;
    this.#length += 5;
    this.#writeBytes(bytes);
  }

  #writeInt64(value: bigint) {
    this.#writeUint64(BigInt.asUintN(64, value) ^ 0x8000000000000000n);
  }

  #writeUint64(value: bigint) {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigUInt64BE(value, this.#length);
  }

  #writeBytes(bytes: Uint8Array) {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #writeByte(byte: number) {
    this.#reserve(1);
    this.#buffer[this.#length++] = byte;
  }

  #reserve(size: number) {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

function fieldsOf(reference: DBRef): Document {
  return {
    $ref: reference.collection,
    $id: reference.oid,
    ...(reference.db ? { $db: reference.db } : {}),
    ...reference.fields,
  };
}
