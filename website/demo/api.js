/**
 * @typedef {{ path: string, message: string }} FieldError
 * @typedef {{ headers?: Record<string, string>, signal?: AbortSignal }} CallOptions
 * @typedef {ReturnType<typeof createApi>} Api
 */

const CALL_MS = 20_000;
const STREAM_START_MS = 30_000;

/** What the service refused or could not do: a problem document (RFC 9457). `retryAfterS` is its Retry-After, in seconds. */
export class ProblemError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {readonly FieldError[]} fields
   * @param {number | undefined} retryAfterS
   */
  constructor(status, message, fields, retryAfterS) {
    super(message);
    this.name = 'ProblemError';
    this.status = status;
    this.fields = fields;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * Calls the API with one key.
 * @param {string} key
 */
export function createApi(key) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {CallOptions & { signal: AbortSignal }} options
   */
  async function call(method, path, body, { headers, signal }) {
    const response = await fetch(path, {
      method,
      signal,
      cache: 'no-store', // two keys get different answers at one address
      headers: { 'X-API-Key': key, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await readProblem(response);
    return response;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {CallOptions} options
   */
  async function callForJson(method, path, body, { signal, ...options } = {}) {
    const timeout = AbortSignal.timeout(CALL_MS);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const response = await call(method, path, body, { ...options, signal: either });
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    /**
     * The JSON answer; its shape is the route's in /openapi.json.
     * @param {string} path
     * @param {CallOptions} [options]
     */
    get: (path, options) => callForJson('GET', path, undefined, options),

    /**
     * @param {'POST' | 'PATCH'} method
     * @param {string} path
     * @param {unknown} body
     * @param {CallOptions} [options]
     */
    send: (method, path, body, options) => callForJson(method, path, body, options),

    /**
     * The body of an answer that is streamed. Only its start has a time limit here; its reader watches the rest.
     * @param {string} path
     * @param {unknown} body
     * @param {CallOptions} [options]
     */
    async stream(path, body, options) {
      const late = new AbortController();
      const timer = setTimeout(
        () => late.abort(new DOMException('No answer in time', 'TimeoutError')),
        STREAM_START_MS,
      );
      try {
        const response = await call('POST', path, body, { ...options, signal: late.signal });
        if (response.body === null) throw new TypeError('The answer has no body');
        return response.body;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * What a refusal says, also when it is no problem document (a proxy's page).
 * @param {Response} response
 */
export async function readProblem(response) {
  const isJson = /\bjson\b/.test(response.headers.get('Content-Type') ?? '');
  const problem = isJson ? await response.json().catch(() => ({})) : {};
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return new ProblemError(
    response.status,
    String(problem.detail ?? problem.title ?? response.statusText),
    Array.isArray(problem.errors) ? problem.errors : [],
    Number.isNaN(seconds) ? undefined : seconds,
  );
}
