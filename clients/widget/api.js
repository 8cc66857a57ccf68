/** @import { CallOptions, FieldError, Part } from './protocol.d.ts' */

const CALL_MS = 30_000;

/** Problems whose words are meant for visitors: they say how else the business is reached. */
const FOR_VISITORS = /:(limit-reached|suspended|read-only)$/;

/** A problem document (RFC 9457). `retryAfterS` is its Retry-After, in seconds. */
export class ProblemError extends Error {
  name = 'ProblemError';

  /**
   * @param {number} status
   * @param {string} message
   * @param {readonly FieldError[]} fields
   * @param {number | undefined} retryAfterS
   * @param {string} [type] ends in the problem's name
   */
  constructor(status, message, fields, retryAfterS, type = '') {
    super(message);
    this.status = status;
    this.fields = fields;
    this.retryAfterS = retryAfterS;
    this.isForVisitors = FOR_VISITORS.test(type);
  }
}

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * Calls the API with one key. JSON answers have the shapes of /openapi.json; of a stream, only the start has a time limit here.
 * @param {string} key
 * @param {string} [service] its address up to the last slash
 */
export function createApi(key, service = '/') {
  /**
   * @template T
   * @param {(response: Response) => T} read
   * @param {string} method
   * @param {string} path
   * @param {CallOptions} options
   */
  async function call(read, method, path, { body, headers, signal }) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), CALL_MS);
    try {
      const response = await fetch(service + path.slice(1), {
        method,
        signal: AbortSignal.any([late.signal, ...(signal ? [signal] : [])]),
        cache: 'no-store', // two keys get different answers at one address
        headers: { 'X-API-Key': key, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!response.ok) throw await readProblem(response);
      return await read(response);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    /** @type {(method: string, path: string, options?: CallOptions) => Promise<any>} */
    call: (method, path, options = {}) => call(readJson, method, path, options),

    /** @type {(path: string, options: CallOptions) => AsyncGenerator<Part>} */
    async *stream(path, options) {
      const body = await call(({ body }) => body, 'POST', path, options);
      if (body) yield* readStream(body);
    },
  };
}

/** @param {Response} response */
async function readJson(response) {
  const text = await response.text();
  return text && JSON.parse(text);
}

/**
 * What a refusal says, also when it is no problem document (a proxy's page).
 * @param {Response} response
 */
export async function readProblem(response) {
  const { detail, title, type, errors = [] } = await response.json().catch(() => ({}));
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10) || undefined;
  return new ProblemError(response.status, String(detail ?? title ?? response.statusText), errors, seconds, type);
}

/** The stream stopped before it said that it was finished. */
export class BrokenStreamError extends Error {
  name = 'BrokenStreamError';
}

/**
 * Reads a UI message stream: events whose data are JSON parts, up to `[DONE]`. Leaving the loop cancels the body.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {{ idleMs?: number }} [options] how long it may be silent; the service sends a comment every 15 s
 * @returns {AsyncGenerator<Part, void, undefined>}
 * @throws {BrokenStreamError} when it ends without `[DONE]`, goes silent or can't be understood
 */
export async function* readStream(body, { idleMs = 45_000 } = {}) {
  for await (const data of readEvents(body, idleMs)) {
    if (data === '[DONE]') return;
    yield parsePart(data);
  }
  throw new BrokenStreamError('The stream ended early');
}

/**
 * The data of each server-sent event. A chunk may end anywhere.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {number} idleMs
 */
async function* readEvents(body, idleMs) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (let isDone = false; !isDone;) {
      const { done, value = '' } = await within(idleMs, reader.read());
      isDone = done;
      rest += value;
      // A last CR may be half of a CRLF.
      const half = !done && rest.endsWith('\r') ? '\r' : '';
      const events = rest
        .slice(0, rest.length - half.length)
        .replaceAll(/\r\n?/g, '\n')
        .split('\n\n');
      rest = events.pop() + half;
      yield* events.map(dataOf).filter((data) => data !== '');
    }
  } finally {
    // Not at once: to cancel what is about to end by itself would close the connection.
    setTimeout(() => reader.cancel().catch(() => undefined), 1000);
  }
}

/** @param {string} event */
function dataOf(event) {
  // Not by a pattern's `^` and `.`: they take U+2028 for the end of a line.
  const lines = event.split('\n').filter((line) => line.startsWith('data:'));
  return lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n');
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} read
 * @returns {Promise<T>}
 */
function within(ms, read) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new BrokenStreamError('The stream went silent')), ms);
    read
      .then(resolve, () => reject(new BrokenStreamError('The connection was lost')))
      .finally(() => clearTimeout(timer));
  });
}

/**
 * @param {string} data
 * @returns {Part}
 */
function parsePart(data) {
  try {
    const part = JSON.parse(data);
    if (typeof part?.type === 'string') return part;
  } catch {
    // Said below.
  }
  throw new BrokenStreamError('The stream holds what is no part');
}

/**
 * A failure in a visitor's words.
 * @param {unknown} error
 */
export function sayProblem(error) {
  if (error instanceof BrokenStreamError) return 'The connection broke off before the answer was complete.';
  if (!(error instanceof ProblemError)) return 'The assistant can’t be reached. Please check your connection.';
  const { status, retryAfterS } = error;
  if (error.isForVisitors) return error.message;
  const later = retryAfterS === undefined ? 'in a moment' : `in ${sayDuration(retryAfterS)}`;
  if (status === 429) return `That was a lot at once. Please try again ${later}.`;
  if (status === 503) return `The assistant is taking a short break. Please try again ${later}.`;
  if (status === 401 || status === 404) return 'This conversation has ended. Trying again starts a new one.';
  if (status === 403) return 'The assistant doesn’t answer on this page.';
  if (status === 413) return 'That message is too long.';
  if (status < 500) return `That message can’t be sent: ${error.message}`;
  return 'Something went wrong on our side. Please try again in a moment.';
}

/**
 * Says in the console what only the page's owner can mend: a key that isn't known, or not for this host.
 * @param {unknown} error
 * @param {string} key
 */
export function tellOwner(error, key) {
  if (!(error instanceof ProblemError) || (error.status !== 401 && error.status !== 403)) return;
  console.error(`ChatBusiness: ${error.message}. The page ${location.origin} uses the key ${key}.`);
}

/** @param {number} seconds */
function sayDuration(seconds) {
  if (seconds <= 1) return 'a second';
  if (seconds < 90) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
