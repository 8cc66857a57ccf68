import type { Document } from './document.ts';

/** The part of MongoDB's error codes (src/mongo/base/error_codes.yml) that this server answers with. */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  Overflow: 15,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  MaxTimeMSExpired: 50,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  ExceededMemoryLimit: 146,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  NotImplemented: 238,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  UnrecognizedStage: 40324,
  UnknownField: 40415,
} as const;

/** MongoDB's errors without a name are called by the number they have in its sources. */
type CodeName = keyof typeof codes | `Location${number}`;

/** An error as MongoDB answers it; `extra` fields (keyPattern, keyValue) stand beside code and errmsg. */
export class MongoServerError extends Error {
  override readonly name = 'MongoServerError';
  readonly code: number;
  readonly codeName: CodeName;
  readonly extra: Document;

  constructor(codeName: CodeName, message: string, extra: Document = {}) {
    super(message);
    this.code = codeName in codes ? codes[codeName as keyof typeof codes] : Number(codeName.slice('Location'.length));
    this.codeName = codeName;
    this.extra = extra;
  }
}

/** What this server does not do is refused under its own name, so that nobody mistakes a gap for an answer. */
export function refuseFeature(feature: string): never {
  throw new MongoServerError('NotImplemented', `${feature} is not supported by the embedded database`);
}

/** An operation on malformed or unsuitable values that mingo or bson threw is the caller's mistake, not ours. */
export function toServerError(error: unknown): MongoServerError {
  if (error instanceof MongoServerError) return error;
  const message = Error.isError(error) ? error.message : String(error);
  if (error instanceof SyntaxError) return new MongoServerError('Location51091', message);
  if (error instanceof RangeError) return new MongoServerError('Overflow', `too deep or too large: ${message}`);
  const isCallers = Error.isError(error) && (error.constructor.name === 'MingoError' || error.name === 'BSONError');
  return new MongoServerError(isCallers ? 'BadValue' : 'InternalError', message);
}
