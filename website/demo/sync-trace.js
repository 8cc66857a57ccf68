/**
 * @typedef {import('./context-watch.js').ContextFile} ContextFile
 * @typedef {{ label: string, at: number | undefined }} TracedStep `at`: when it was done, in ms
 * @typedef {{ name: string, steps: readonly TracedStep[], outcome: 'running' | 'live' | 'failed' | 'removed', failure: string | null }} Trace
 */

/** The steps of a file's sync as the API names them, in their order. A rendering is planned once its data are gathered. */
const STEPS = new Map([
  ['planned', 'Rendered'],
  ['stored', 'Stored'],
  ['uploaded', 'Uploaded'],
  ['attached', 'Indexed'],
  ['live', 'Live'],
]);

/** A change whose file isn't known yet. */
export const GATHERING = '';

/**
 * Follows what becomes of changes: which files they touch, and when each step was done. A new list begins with each change that
 * comes when all is known.
 */
export function createSyncTrace() {
  /** @type {Map<string, string | undefined>} names of files and when their rendering was begun, as of the beginning of the list */
  let before = new Map();
  /** @type {readonly ContextFile[]} */
  let files = [];
  /** @type {number[]} */
  let saves = [];
  /** @type {number | undefined} */
  let lastSave;
  let isSeen = false;
  let isDone = true;

  function begin() {
    before = new Map(files.map((file) => [file.name, begunAt(file)]));
    saves = [];
  }

  /** @param {ContextFile} file */
  function isChanged(file) {
    return file.state !== 'retiring' && (!before.has(file.name) || before.get(file.name) !== begunAt(file));
  }

  return {
    /**
     * Takes what was seen; gives whether a new list has begun.
     * @param {import('./context-watch.js').Sight} sight
     */
    see({ phase, context, savedAt }) {
      const isNewSave = savedAt !== undefined && savedAt !== lastSave;
      lastSave = savedAt;
      const isBeginning =
        isSeen && isDone && (isNewSave || (context !== undefined && sayAll(files) !== sayAll(context.files)));
      if (isBeginning) begin();
      if (isNewSave) saves.push(savedAt);
      if (context !== undefined) files = context.files;
      if (context !== undefined && !isSeen) begin();
      isSeen ||= context !== undefined;
      if (phase !== 'unseen') isDone = phase === 'known';
      return isBeginning;
    },

    /** When the newest change that a moment's state can hold was saved. */
    savedBefore: (/** @type {number} */ ms) => saves.findLast((save) => save <= ms),

    /** @returns {Trace[]} */
    list() {
      const changed = files.filter(isChanged).map((file) => traceOf(file, saves));
      const kept = new Set(files.filter(({ state }) => state !== 'retiring').map(({ name }) => name));
      const gone = [...before.keys()].filter((name) => !kept.has(name));
      const removed = gone.map(removal);
      if (changed.length + removed.length === 0 && !isDone) return [gathering(saves)];
      return [...changed, ...removed];
    },
  };
}

/** @param {ContextFile} file */
function begunAt({ steps, sha256 }) {
  return steps[0]?.at ?? sha256 ?? undefined;
}

/** @param {readonly ContextFile[]} files */
function sayAll(files) {
  return files.flatMap((file) => (file.state === 'retiring' ? [] : `${file.name} ${begunAt(file)}`)).join('\n');
}

/**
 * @param {ContextFile} file
 * @param {readonly number[]} saves
 * @returns {Trace}
 */
function traceOf({ name, steps, state, failure }, saves) {
  const done = new Map(steps.map(({ step, at }) => [step, Date.parse(at)]));
  const planned = done.get('planned') ?? Infinity;
  const saved = { label: 'Saved', at: saves.findLast((save) => save <= planned) };
  const rest = [...STEPS].map(([step, label]) => ({ label, at: done.get(step) }));
  const outcome = state === 'failed' ? 'failed' : done.has('live') ? 'live' : 'running';
  return { name, steps: [saved, ...rest], outcome, failure };
}

/**
 * @param {readonly number[]} saves
 * @returns {Trace}
 */
function gathering(saves) {
  const rest = [...STEPS.values()].map((label) => ({ label, at: undefined }));
  return { name: GATHERING, steps: [{ label: 'Saved', at: saves.at(-1) }, ...rest], outcome: 'running', failure: null };
}

/**
 * @param {string} name
 * @returns {Trace}
 */
function removal(name) {
  return { name, steps: [], outcome: 'removed', failure: null };
}

/**
 * `12 ms`, `1.84 s`.
 * @param {number} ms
 */
export function sayMs(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** @typedef {ReturnType<typeof createSyncTrace>} SyncTrace */
