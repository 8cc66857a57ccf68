import { calculateObjectSize, ObjectId } from 'bson';
import { evalExpr } from 'mingo/core';
import { $substrBytes, $toDate, $toLower, $toString, $toUpper } from 'mingo/operators/expression';
import type { Options } from 'mingo/types';
import { isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';

type Expression = (document: unknown, operand: unknown, options: Options) => unknown;

const isMissing = (value: unknown) => value === null || value === undefined;

/** Of one value, where null and what is missing give `ofMissing`. */
function ofValue(resultOf: (value: unknown, options: Options) => unknown, ofMissing: unknown = null): Expression {
  return (document, operand, options) => {
    const value = evalExpr(document, operand, options);
    return isMissing(value) ? ofMissing : resultOf(value, options);
  };
}

/** mingo's operator on a value that is no expression any more. */
const given = (operator: (document: never, operand: never, options: Options) => unknown) => (value: unknown, options: Options) =>
  operator({} as never, { $literal: value } as never, options); // prettier-ignore

const toObjectId = ofValue((value) => {
  if (value instanceof ObjectId) return value;
  if (typeof value === 'string' && /^[\da-f]{24}$/i.test(value)) return new ObjectId(value);
  throw new MongoServerError('Location241', 'Failed to parse objectId in $convert with no onError value');
});

const bsonSize = ofValue((value) => {
  if (isDocument(value)) return calculateObjectSize(value);
  throw new MongoServerError('Location31393', '$bsonSize requires a document input');
});

/** A length of -1 is the rest; what lies behind the end is nothing. */
const substring: Expression = (document, operand, options) => {
  const [text, start, length] = evalExpr(document, operand, options) as [unknown, number, number];
  if (isMissing(text)) return '';
  const shown = text instanceof Date ? text.toISOString() : typeof text === 'number' ? String(text) : text;
  if (typeof shown !== 'string') throw new MongoServerError('Location16007', 'cannot take a part of what is no text');
  const bytes = Buffer.byteLength(shown);
  if (start >= bytes) return '';
  const rest = bytes - start;
  const count = length < 0 ? rest : Math.min(length, rest);
  return $substrBytes({}, [{ $literal: shown }, start, count] as never, options);
};

const indexOfCP: Expression = (document, operand, options) => {
  const [text, token, start = 0, end = Infinity] = evalExpr(document, operand, options) as unknown[];
  if (isMissing(text)) return null;
  if (typeof text !== 'string' || typeof token !== 'string')
    throw new MongoServerError('Location40093', '$indexOfCP requires a string as the first and second argument');
  if (!(Number(start) >= 0 && Number(end) >= 0))
    throw new MongoServerError('Location40097', '$indexOfCP requires positions from 0 on');
  const points = Array.from(text).slice(0, Number(end));
  const searched = points.slice(Number(start)).join('');
  const found = searched.indexOf(token);
  return found < 0 || Number(start) > points.length ? -1 : Number(start) + Array.from(searched.slice(0, found)).length;
};

/** Expressions on texts and conversions that mingo lacks, or that answer otherwise than MongoDB's. */
export const textExpressions: Record<string, Expression> = {
  $bsonSize: bsonSize,
  $indexOfCP: indexOfCP,
  $substr: substring,
  $substrBytes: substring,
  $toDate: ofValue((value, options) => (value instanceof ObjectId ? value.getTimestamp() : given($toDate)(value, options))),
  $toLower: ofValue(given($toLower), ''),
  $toObjectId: toObjectId,
  $toString: ofValue((value, options) => (value instanceof ObjectId ? value.toHexString() : given($toString)(value, options))),
  $toUpper: ofValue(given($toUpper), ''),
}; // prettier-ignore
