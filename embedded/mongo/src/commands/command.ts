import { Long } from 'bson';
import { type Document, isDocument, isLong } from '../document.ts';
import type { Engine } from '../engine.ts';
import { MongoServerError } from '../errors.ts';

export interface CommandRequest {
  engine: Engine;
  db: string;
  /** The command's own field: `{ find: 'cats' }` gives `find`. */
  name: string;
  body: Document;
}

export interface Command {
  /** Options it knows; any other is refused by name. */
  fields: readonly string[];
  /** Fields whose documents are left as raw BSON. */
  rawFields?: readonly string[];
  run(request: CommandRequest): Document | Promise<Document>;
}

export function collectionNameOf({ name, body }: CommandRequest): string {
  const collection = body[name];
  if (typeof collection === 'string' && collection !== '') return collection;
  throw new MongoServerError('InvalidNamespace', `collection name has invalid type or is empty in '${name}'`);
}

export function findDocument(body: Document, field: string): Document | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (isDocument(value)) return value;
  throw wrongType(field, 'object');
}

export function findFlag(body: Document, field: string): boolean | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw wrongType(field, 'bool');
}

/** A flag where MongoDB takes numbers too. */
export function isSet(body: Document, field: string): boolean {
  return typeof body[field] === 'number' ? body[field] !== 0 : (findFlag(body, field) ?? false);
}

export function findArray(body: Document, field: string): unknown[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value;
  throw wrongType(field, 'array');
}

export function findNumber(body: Document, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw wrongType(field, 'number');
  return Math.trunc(value);
}

/** @throws BadValue below zero. */
export function findCount(body: Document, field: string): number | undefined {
  const value = findNumber(body, field);
  if (value !== undefined && value < 0)
    throw new MongoServerError('BadValue', `BSON field '${field}' value must be >= 0, actual value '${value}'`);
  return value;
}

export function getLong(value: unknown, field: string): Long {
  if (isLong(value)) return value;
  if (typeof value === 'number') return Long.fromNumber(value);
  throw wrongType(field, 'long');
}

function wrongType(field: string, expected: string): MongoServerError {
  return new MongoServerError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type '${expected}'`);
}
