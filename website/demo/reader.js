import { createFileTexts, INSTRUCTIONS } from './file-texts.js';

/**
 * @typedef {import('./sync-trace.js').Trace} Trace
 * @typedef {{ version: number, instructions: string, createdAt: string }} Assistant `GET /v1/assistant`
 */

/**
 * Reads the texts that a sync has changed: files, and the assistant's instructions, which are none but change with it.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {import('./sync-trace.js').SyncTrace} trace
 */
export function createReader(api, trace) {
  const texts = createFileTexts(api);
  let isAssistantDue = false;
  /** @type {Trace | undefined} */
  let instructed;

  async function followAssistant() {
    /** @type {Assistant} */
    const assistant = await api.call('GET', '/v1/assistant');
    isAssistantDue = false;
    const changed = await texts.followAssistant(assistant);
    if (changed.length > 0) instructed = traceOf(assistant);
    return changed;
  }

  /**
   * @param {Assistant} assistant
   * @returns {Trace}
   */
  function traceOf({ version, createdAt }) {
    const at = Date.parse(createdAt);
    const steps = [
      { label: 'Saved', at: trace.savedBefore(at) },
      { label: `Version ${version}`, at },
    ];
    return { name: INSTRUCTIONS, steps, outcome: 'live', failure: null };
  }

  return {
    texts,
    start: followAssistant,

    /** From now on changes are told against what is known now. */
    begin() {
      texts.begin();
      instructed = undefined;
    },

    /** The way of the assistant's new version, if it has one. */
    listInstructed: () => (instructed ? [instructed] : []),

    /**
     * Reads what has changed; gives its names.
     * @param {import('./context-watch.js').Sight} sight
     * @returns {Promise<string[]>}
     */
    async follow({ phase, context }) {
      isAssistantDue ||= phase !== 'known';
      if (context === undefined) return [];
      const changed = await texts.follow(context);
      if (phase !== 'known' || !isAssistantDue) return changed;
      return [...changed, ...(await followAssistant())];
    },
  };
}
