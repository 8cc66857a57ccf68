import { cloneTemplate, createElement, getElement } from './dom.js';
import { createFileView } from './file-view.js';
import { createReader } from './reader.js';
import { createSyncTrace, sayMs } from './sync-trace.js';
import { createPipeline, createTraceRow } from './trace-view.js';

/**
 * @typedef {import('./context-watch.js').Sight} Sight
 * @typedef {import('./sync-trace.js').Trace} Trace
 */

/**
 * What becomes of a change: the steps of its sync, and the files that the assistant reads.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {import('./context-watch.js').ContextWatch} watch
 */
export function createLive(api, watch) {
  const element = cloneTemplate('live');
  const list = getElement(element, '.traces', HTMLElement);
  const state = getElement(element, '.sync-state', HTMLElement);
  const trace = createSyncTrace();
  const reader = createReader(api, trace);
  const view = createFileView(getElement(element, '.file', HTMLElement), reader.texts);
  let shown = '';
  let isShown = false;
  /** One look is read after the other. */
  let reading = Promise.resolve();

  /** @param {Sight} sight */
  function showTraces(sight) {
    const traces = [...trace.list(), ...reader.listInstructed()];
    const now = JSON.stringify([traces, sight.phase]);
    if (now === shown) return;
    shown = now;
    const rows = traces.map((one) => createTraceRow(one, view.show));
    list.replaceChildren(...(rows.length > 0 ? rows : [emptyRow(sight)]));
    element.dataset['phase'] = sight.phase;
    state.textContent = sayState(sight, traces);
  }

  /** @param {Sight} sight */
  async function follow(sight) {
    const changed = await reader.follow(sight);
    if (changed.length > 0 || !isShown) view.show(changed.at(-1));
    isShown = true;
  }

  /** @param {Sight} sight */
  function see(sight) {
    if (trace.see(sight)) reader.begin();
    if (sight.phase !== 'known') showTraces(sight);
    reading = reading
      .then(() => follow(sight))
      .catch(() => undefined) // what couldn't be read is read at the next look
      .then(() => showTraces(sight));
  }

  watch.subscribe(see);
  return {
    element,
    factsElement: getElement(element, '.facts', HTMLElement),
    /** It has come into view. */
    onShown: view.scrollToChange,

    async start() {
      await reader.start();
      watch.start();
    },
  };
}

/** @param {Sight} sight */
function emptyRow({ savedAt }) {
  const words = savedAt === undefined ? 'Change something and its way shows here.' : 'No file had to change.';
  const steps = ['Saved', 'Rendered', 'Stored', 'Uploaded', 'Indexed', 'Live'].map((label) => ({
    label,
    at: undefined,
  }));
  return createElement('li', 'trace', createElement('span', 'trace-name', words), createPipeline(steps));
}

/**
 * @param {Sight} sight
 * @param {readonly Trace[]} traces
 */
function sayState({ phase }, traces) {
  if (phase === 'updating') return 'On its way…';
  if (phase !== 'known') return phase === 'failed' ? 'Failed, trying again…' : 'Can’t be seen right now';
  const times = traces.flatMap(({ steps }) => steps.flatMap(({ at }) => at ?? []));
  return times.length < 2 ? 'All live' : `Live after ${sayMs(Math.max(...times) - Math.min(...times))}`;
}
