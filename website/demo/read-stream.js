/**
 * A part of the AI SDK's UI message stream, or of one of its messages, as far as this page reads it; others pass by.
 * @typedef {{ type: string, delta?: string, text?: string, title?: string, errorText?: string,
 *   output?: { said?: string } }} Part
 */

/** The stream stopped before it said that it was finished. */
export class BrokenStreamError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'BrokenStreamError';
  }
}

/**
 * Reads a UI message stream: server-sent events whose data are JSON parts, up to `[DONE]`. Leaving the loop cancels the body.
 * @param {ReadableStream<Uint8Array>} body
 * @param {{ idleMs?: number }} [options] how long the stream may be silent; the service sends a comment every 15 s
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
 * The data of each event (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
 * @param {ReadableStream<Uint8Array>} body
 * @param {number} idleMs
 */
async function* readEvents(body, idleMs) {
  /** @type {string[]} */
  let data = [];
  for await (const line of readLines(body, idleMs)) {
    if (line === '' && data.length > 0) {
      yield data.join('\n');
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    }
  }
}

/**
 * Lines end with LF, CR or CRLF, and a chunk may end anywhere: inside a line, a CRLF or a character.
 * @param {ReadableStream<Uint8Array>} body
 * @param {number} idleMs
 */
async function* readLines(body, idleMs) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of readChunks(body, idleMs)) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the very end waits for what follows: it may be half of a CRLF.
    const isHalf = rest.endsWith('\r');
    const lines = (isHalf ? rest.slice(0, -1) : rest).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + (isHalf ? '\r' : '');
    yield* lines;
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1);
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {number} idleMs
 */
async function* readChunks(body, idleMs) {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(idleMs, reader.read().catch(brokeOff));
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** @returns {never} */
function brokeOff() {
  throw new BrokenStreamError('The connection was lost');
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(ms, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new BrokenStreamError('The stream went silent')), ms);
  });
  try {
    return await Promise.race([promise, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
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
  throw new BrokenStreamError('The stream holds something that is no part');
}
