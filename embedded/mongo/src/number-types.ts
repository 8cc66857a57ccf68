import { Double, Int32 } from 'bson';
import { decodeTyped, type Document, isDocument, isLong } from './document.ts';
import { refuseFeature } from './errors.ts';
import { valuesAt } from './paths.ts';

const numberTypes = new Set<unknown>(['double', 'int', 'long', 1, 16, 18]);

/** Decoded documents have forgotten whether a number was a double, an int32 or an int64; `$type` asks the bytes they came from. */
const bytesOf = new WeakMap<Document, Uint8Array>();

export function rememberBytes(document: Document, raw: Uint8Array): Document {
  bytesOf.set(document, raw);
  return document;
}

/** Whether a filter asks for the type of a number. */
export function asksNumberType(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some(asksNumberType);
  if (!isDocument(filter)) return false;
  return Object.entries(filter).some(([key, operand]) =>
    key === '$type' ? [operand].flat().some((type) => numberTypes.has(type)) : asksNumberType(operand),
  );
}

/**
 * The values at a path with the types that they have on disk.
 * @throws NotImplemented for a number of which that isn't known.
 */
export function typedValuesAt(document: Document, path: string): unknown[] {
  const raw = bytesOf.get(document);
  if (raw !== undefined) return valuesAt(decodeTyped(raw), path);
  const values = valuesAt(document, path);
  if (values.some((value) => typeof value === 'number')) refuseFeature('$type of a number in this place');
  return values;
}

/** Of a typed number. */
export function numberTypeOf(value: unknown): 'double' | 'int' | 'long' | undefined {
  if (value instanceof Double) return 'double';
  if (value instanceof Int32) return 'int';
  return isLong(value) ? 'long' : undefined;
}
