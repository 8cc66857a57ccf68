/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {{ step: string, at: string }} Step
 * @typedef {{ name: string, sha256: string | null, state: string, failure: string | null, steps: readonly Step[] }} ContextFile
 * @typedef {{ version: number, upToDate: boolean, files: readonly ContextFile[] }} Context `GET /v1/context`
 * @typedef {'known' | 'updating' | 'failed' | 'unseen'} Phase whether the assistant knows what is saved
 * @typedef {{ phase: Phase, context: Context | undefined, savedAt: number | undefined }} Sight
 * `context` is missing until it has been seen after the last change; `savedAt` is when that was, in ms
 */

const SYNCING_MS = 150;
const IDLE_MS = 3000;

/**
 * Looks at the sync: often while the assistant doesn't know what is saved, else now and then, for changes made elsewhere.
 * @param {Api} api acting with the secret key
 */
export function createContextWatch(api) {
  /** @type {Set<(sight: Sight) => void>} */
  const listeners = new Set();
  /** @type {number | undefined} */
  let savedAt;
  /** @type {Phase} */
  let phase = 'known';
  const pause = createPause();

  /**
   * @param {Phase} next
   * @param {Context} [context]
   */
  function tell(next, context) {
    phase = next;
    for (const listener of listeners) listener({ phase, context, savedAt });
  }

  async function look() {
    const savedBefore = savedAt;
    try {
      /** @type {Context} */
      const context = await api.call('GET', '/v1/context');
      // An answer from before the last change says nothing about it.
      if (savedBefore === savedAt) tell(phaseOf(context), context);
    } catch {
      tell('unseen');
    }
  }

  async function lookForever() {
    for (;;) {
      if (!document.hidden) await look();
      await pause.wait(phase === 'updating' ? SYNCING_MS : IDLE_MS);
    }
  }

  return {
    /** @param {(sight: Sight) => void} listener */
    subscribe: (listener) => void listeners.add(listener),

    start: () => void lookForever(),

    /** Something was saved just now. */
    noteChange() {
      savedAt = Date.now();
      tell('updating');
      pause.end();
    },
  };
}

/** A wait that can be ended. */
function createPause() {
  let ended = Promise.withResolvers();
  return {
    end: () => ended.resolve(undefined),

    /** @param {number} ms */
    wait(ms) {
      ended = Promise.withResolvers();
      setTimeout(ended.resolve, ms);
      return ended.promise;
    },
  };
}

/**
 * @param {Context} context
 * @returns {Phase}
 */
function phaseOf({ upToDate, files }) {
  if (upToDate) return 'known';
  return files.some(({ state }) => state === 'failed') ? 'failed' : 'updating';
}

/** @typedef {ReturnType<typeof createContextWatch>} ContextWatch */
