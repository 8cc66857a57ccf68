/**
 * @typedef {import('./context-watch.js').Context} Context
 * @typedef {{ sha256: string | null, text: string, before: string }} FileText `before`: its text when the list of changes began
 */

/** The assistant's instructions are shown like a file; they are none. */
export const INSTRUCTIONS = 'instructions';

/**
 * The texts that the assistant answers from, and what they were before the last change.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 */
export function createFileTexts(api) {
  /** @type {Map<string, FileText>} */
  const texts = new Map();
  let isLoaded = false;

  /**
   * @param {string} name
   * @param {string | null} sha256
   * @param {() => Promise<string>} read
   */
  async function load(name, sha256, read) {
    const known = texts.get(name);
    if (known?.sha256 === sha256) return [];
    const text = await read();
    texts.set(name, { sha256, text, before: known?.before ?? (isLoaded ? '' : text) });
    return isLoaded ? [name] : [];
  }

  return {
    /** @param {string} name */
    get: (name) => texts.get(name),

    names: () => [...texts.keys()],

    /** From now on changes are told against what is known now. */
    begin() {
      for (const [name, { sha256, text }] of texts) {
        if (sha256 === null) texts.delete(name);
        else texts.set(name, { sha256, text, before: text });
      }
    },

    /**
     * Reads what has changed; gives its names.
     * @param {Context} context
     * @returns {Promise<string[]>}
     */
    async follow({ files }) {
      const live = files.filter(({ sha256 }) => sha256 !== null);
      const changed = await Promise.all(
        live.map(({ name, sha256 }) =>
          load(name, sha256, async () => (await api.call('GET', `/v1/context/files/${encodeURIComponent(name)}`)).text),
        ),
      );
      const gone = [...texts].filter(
        ([name, { sha256 }]) => sha256 !== null && name !== INSTRUCTIONS && !live.some((file) => file.name === name),
      );
      for (const [name, { before, text }] of gone) texts.set(name, { sha256: null, text: '', before: before || text });
      isLoaded = true;
      return [...changed.flat(), ...gone.map(([name]) => name)];
    },

    /** @param {{ version: number, instructions: string }} assistant */
    followAssistant({ version, instructions }) {
      return load(INSTRUCTIONS, String(version), async () => instructions);
    },
  };
}

/** @typedef {ReturnType<typeof createFileTexts>} FileTexts */
