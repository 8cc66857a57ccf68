/** Every problem that the service answers with: its code (the last part of `type`), HTTP status and title. */
export const problems = {
  'invalid-input': [400, 'The request is not valid'],
  'malformed-json': [400, 'The body is not valid JSON'],
  'missing-key': [401, 'An API key or a login is needed'],
  'unknown-key': [401, 'This API key is not known'],
  'not-logged-in': [401, 'A login is needed'],
  'wrong-credentials': [401, 'E-mail address or password is wrong'],
  'wrong-thread-token': [401, 'The thread token is missing or wrong'],
  'host-not-allowed': [403, 'This key is locked to other hosts'],
  'not-permitted': [403, 'This caller may not do that'],
  'foreign-origin': [403, 'The request comes from another page'],
  suspended: [403, 'This business is suspended'],
  'read-only': [403, 'This business can be read only'],
  'untrusted-host': [403, 'The Host header is not one of this server'],
  'not-found': [404, 'There is no such thing'],
  conflict: [409, 'This exists already'],
  'last-owner': [409, 'A business needs an owner'],
  'idempotency-conflict': [409, 'The idempotency key was used for another request'],
  stale: [412, 'It was changed by somebody else meanwhile'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'The body must be JSON in UTF-8'],
  'too-many-handoffs': [429, 'A person was asked for too often'],
  'limit-reached': [429, 'A limit of this business is reached'],
  'too-many-requests': [429, 'Too many requests'],
  'too-many-messages': [429, 'Too many messages are waiting in this thread'],
  internal: [500, 'Something went wrong on our side'],
  unavailable: [503, 'The service cannot do this right now'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with the input: where (`products[2].price.amount`) and what. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** An expected failure. `detail` is the caller's and names the field, row, host or limit; `cause` is for the log alone. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly fields: readonly FieldError[];
  readonly retryAfterS: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { cause?: unknown; fields?: readonly FieldError[]; retryAfterS?: number } = {},
  ) {
    super(`${code}: ${detail}`, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.detail = detail;
    this.fields = more.fields ?? [];
    this.retryAfterS = more.retryAfterS;
  }

  get status(): number {
    return problems[this.code][0];
  }
}
