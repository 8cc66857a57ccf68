import { ProblemError } from './api.js';

/** @import { KnownThread, Question, StoredMessage } from './protocol.d.ts' */

// The next person at this computer doesn't meet yesterday's conversation.
const KEPT_MS = 24 * 3600_000;

/**
 * A visitor's thread. It is made with the first message and kept for a day over reloads, pages and tabs of the site.
 * @param {import('./api.js').Api} api acting with the publishable key
 * @param {string} key
 */
export function createThread(api, key) {
  const place = `chatbusiness.thread.${key}`;
  let known = recall(place);
  /** Ends once the service has the question: before that, there is nothing to stop. */
  let begun = Promise.withResolvers();

  /** @param {KnownThread | undefined} thread */
  function keep(thread) {
    known = thread;
    remember(place, thread && JSON.stringify({ ...thread, usedAt: Date.now() }));
  }

  /** @param {unknown} error */
  function isGone(error) {
    const gone = error instanceof ProblemError && (error.status === 404 || error.status === 401);
    if (gone) keep(undefined);
    return gone;
  }

  return {
    forget: () => keep(undefined),
    getId: () => known?.id,

    /**
     * What was said so far, and the question whose answer is still running. A thread that is gone is forgotten.
     * @returns {Promise<{ messages: readonly StoredMessage[], pending?: Question | undefined }>}
     */
    async read() {
      if (known === undefined) return { messages: [] };
      const { id, token, pending } = known;
      try {
        const { messages, isAnswering } = await api.call('GET', `/v1/threads/${id}`, {
          headers: { 'X-Thread-Token': token },
        });
        return { messages, pending: isAnswering ? pending : undefined };
      } catch (error) {
        if (isGone(error)) return { messages: [] };
        throw error;
      }
    },

    /**
     * Sends a message and reads its answer's parts.
     * @param {Question} pending
     */
    async *send(pending) {
      const { text, idempotencyKey } = pending;
      begun = Promise.withResolvers();
      /** @type {KnownThread} */
      const { id, token } = known ?? (await api.call('POST', '/v1/threads', { body: {} }));
      const headers = { 'X-Thread-Token': token, 'Idempotency-Key': idempotencyKey };
      keep({ id, token, pending });
      try {
        for await (const part of api.stream(`/v1/threads/${id}/messages`, { body: { text }, headers })) {
          begun.resolve(undefined);
          yield part;
        }
        keep({ id, token });
      } catch (error) {
        isGone(error);
        throw error;
      }
    },

    /** Ends the running answer, as soon as there is one; what it said stays. */
    async stop() {
      await begun.promise;
      if (known === undefined) return;
      const headers = { 'X-Thread-Token': known.token };
      await api.call('POST', `/v1/threads/${known.id}/stop`, { body: {}, headers });
    },
  };
}

/**
 * @param {string} place
 * @returns {KnownThread | undefined}
 */
function recall(place) {
  try {
    const { usedAt, ...thread } = JSON.parse(localStorage.getItem(place) ?? '{}');
    return Date.now() - usedAt < KEPT_MS ? thread : undefined;
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
    if (value === undefined) localStorage.removeItem(place);
    else localStorage.setItem(place, value);
  } catch {
    // Storage may be closed to us; then the thread lasts until the page is left.
  }
}
