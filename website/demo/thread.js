import { ProblemError } from './api.js';
import { readStream } from './read-stream.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./read-stream.js').Part} Part
 * @typedef {{ role: 'user' | 'assistant', parts: Part[], state: 'done' | 'interrupted' | 'failed' }} StoredMessage
 * @typedef {{ text: string, idempotencyKey: string }} Question
 * @typedef {{ id: string, token: string, pending?: Question | undefined }} KnownThread
 * @typedef {ReturnType<typeof createThread>} Thread
 */

/**
 * A visitor's thread. It is made with the first message and kept over reloads of the tab.
 * @param {Api} api acting with the publishable key
 * @param {string} slug
 */
export function createThread(api, slug) {
  const place = `chatbusiness.thread.${slug}`;
  let known = recall(place);

  async function open() {
    if (known !== undefined) return known;
    /** @type {{ id: string, token: string }} */
    const { id, token } = await api.send('POST', '/v1/threads', {});
    return keep({ id, token });
  }

  /** @param {KnownThread} thread */
  function keep(thread) {
    known = thread;
    remember(place, JSON.stringify(thread));
    return thread;
  }

  function forget() {
    known = undefined;
    remember(place, undefined);
  }

  return {
    forget,

    /**
     * What was said so far, and the question whose answer is still running. A thread that is gone is forgotten.
     * @returns {Promise<{ messages: StoredMessage[], pending?: Question | undefined }>}
     */
    async read() {
      if (known === undefined) return { messages: [] };
      const { id, token, pending } = known;
      try {
        const { messages, isAnswering } = await api.get(`/v1/threads/${id}`, { headers: { 'X-Thread-Token': token } });
        return { messages, pending: isAnswering ? pending : undefined };
      } catch (error) {
        if (!isGone(error)) throw error;
        forget();
        return { messages: [] };
      }
    },

    /**
     * Sends a message and reads its answer's parts. The same `idempotencyKey` again follows the same answer.
     * @param {Question} question
     */
    async *send({ text, idempotencyKey }) {
      const { id, token } = await open();
      const headers = { 'X-Thread-Token': token, 'Idempotency-Key': idempotencyKey };
      keep({ id, token, pending: { text, idempotencyKey } });
      try {
        yield* readStream(await api.stream(`/v1/threads/${id}/messages`, { text }, { headers }));
        keep({ id, token });
      } catch (error) {
        if (isGone(error)) forget();
        throw error;
      }
    },

    /** Ends the running answer; what it said stays. */
    async stop() {
      if (known === undefined) return;
      const headers = { 'X-Thread-Token': known.token };
      await api.send('POST', `/v1/threads/${known.id}/stop`, {}, { headers });
    },
  };
}

/** @param {unknown} error */
function isGone(error) {
  return error instanceof ProblemError && (error.status === 404 || error.status === 401);
}

/**
 * @param {string} place
 * @returns {KnownThread | undefined}
 */
function recall(place) {
  try {
    const thread = JSON.parse(sessionStorage.getItem(place) ?? '{}');
    return typeof thread.id === 'string' && typeof thread.token === 'string' ? thread : undefined;
  } catch {
    return undefined; // storage that is closed to us, or not what we wrote
  }
}

/**
 * @param {string} place
 * @param {string | undefined} value
 */
function remember(place, value) {
  try {
    if (value === undefined) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, value);
  } catch {
    // Storage may be closed to us; then the thread lasts until the page is left.
  }
}
