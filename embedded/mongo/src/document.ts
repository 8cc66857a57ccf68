import { BSON, deserialize, Double, Int32, Long, serialize } from 'bson';

export type Document = Record<string, unknown>;

export const documentBytesMax = 16 * 1024 * 1024;

/** Numbers come as JS numbers (an int64 that doesn't fit one stays a Long), all else as bson's classes, Date and RegExp. */
export function decode(raw: Uint8Array): Document {
  return deserialize(raw);
}

/** As `decode`, but each number keeps its BSON type (Int32, Double, Long), so that it can be written back unchanged. */
export function decodeTyped(raw: Uint8Array): Document {
  return deserialize(raw, { promoteValues: false });
}

/** As `decode`, but the documents in the named top-level fields (or in arrays there) stay raw BSON. */
export function decodeKeepingRaw(raw: Uint8Array, fields: readonly string[]): Document {
  const shallow: Document = deserialize(raw, { raw: true });
  for (const [field, value] of Object.entries(shallow))
    if (!fields.includes(field)) shallow[field] = decodeParts(value);
  return shallow;
}

/** A binary value is a Binary, so bytes are always a document that was left raw. */
function decodeParts(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return decode(value as Uint8Array);
  return Array.isArray(value) ? value.map(decodeParts) : value;
}

export function encode(document: Document): Uint8Array {
  return serialize(document, { ignoreUndefined: true });
}

export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  // Not its `constructor`: a document may have a field of that name.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isNumeric(value: unknown): value is number | Int32 | Double | Long {
  return typeof value === 'number' || value instanceof Int32 || value instanceof Double || isLong(value);
}

/** Timestamp extends Long, but is no number. */
export function isLong(value: unknown): value is Long {
  return value instanceof Long && (value as { _bsontype: string })._bsontype === 'Long';
}

/** The typed form of `decodeTyped` as `decode` would have given it. */
export function promote(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.valueOf();
  if (isLong(value)) return Number.isSafeInteger(value.toNumber()) ? value.toNumber() : value;
  if (Array.isArray(value)) return value.map(promote);
  if (isDocument(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, promote(item)]));
  return value;
}

/**
 * Gives the numbers of a document that was computed on promoted values the BSON type they had before, where the value is
 * the same: a pipeline update must not turn an untouched int64 into an int32.
 */
export function restoreTypes(computed: unknown, typed: unknown): unknown {
  if (typeof computed === 'number' && isNumeric(typed) && promote(typed) === computed) return typed;
  if (Array.isArray(computed)) {
    return computed.map((item, position) => restoreTypes(item, Array.isArray(typed) ? typed[position] : undefined));
  }
  if (!isDocument(computed)) return computed;
  const before = isDocument(typed) ? typed : {};
  return Object.fromEntries(Object.entries(computed).map(([key, item]) => [key, restoreTypes(item, before[key])]));
}

/** BSON that is put into an answer as it stands on disk. */
export class RawDocument {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Encodes a document whose top-level values may be RawDocuments or arrays of them. */
export function encodeWithRaw(document: Document): Buffer {
  const parts: Uint8Array[] = [];
  for (const [key, value] of Object.entries(document)) parts.push(...encodeElement(key, value));
  return frame(parts);
}

const objectType = 0x03;
const arrayType = 0x04;

function encodeElement(key: string, value: unknown): Uint8Array[] {
  if (value === undefined) return [];
  if (value instanceof RawDocument) return [elementHeader(objectType, key), value.bytes];
  if (Array.isArray(value) && value[0] instanceof RawDocument) {
    const items = (value as RawDocument[]).flatMap((item, index) => [
      elementHeader(objectType, String(index)),
      item.bytes,
    ]);
    return [elementHeader(arrayType, key), frame(items)];
  }
  const single = BSON.serialize({ [key]: value });
  return [single.subarray(4, single.length - 1)];
}

function elementHeader(type: number, key: string): Uint8Array {
  const header = Buffer.allocUnsafe(key.length + 2);
  header[0] = type;
  header.write(key, 1, 'latin1');
  header[key.length + 1] = 0;
  return header;
}

function frame(parts: Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 5);
  const framed = Buffer.allocUnsafe(size);
  framed.writeInt32LE(size, 0);
  let offset = 4;
  for (const part of parts) {
    framed.set(part, offset);
    offset += part.length;
  }
  framed[offset] = 0;
  return framed;
}
