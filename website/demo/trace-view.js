import { createButton, createElement } from './dom.js';
import { GATHERING, sayMs } from './sync-trace.js';

/** @typedef {import('./sync-trace.js').Trace} Trace */

/**
 * A changed file and its way to the visitor, step by step, each with the time since it was saved.
 * @param {Trace} trace
 * @param {(name: string) => void} choose shows the file
 */
export function createTraceRow({ name, steps, outcome, failure }, choose) {
  const label =
    name === GATHERING
      ? createElement('span', 'trace-name', 'gathering changes…')
      : createButton('trace-name', name, () => choose(name));
  const row = createElement('li', 'trace', label);
  row.dataset['outcome'] = outcome;
  if (outcome === 'removed')
    row.append(createElement('p', 'trace-words', 'Removed: the assistant doesn’t find it any more.'));
  if (failure !== null) row.append(createElement('p', 'trace-words', failure));
  if (steps.length > 0) row.append(createPipeline(steps));
  return row;
}

/** @param {readonly import('./sync-trace.js').TracedStep[]} steps */
export function createPipeline(steps) {
  const begunAt = steps.find(({ at }) => at !== undefined)?.at;
  const next = steps.findIndex(
    ({ at }, place) => at === undefined && steps.slice(place).every((step) => step.at === undefined),
  );
  const items = steps.map(({ label, at }, place) => {
    const state = at !== undefined ? 'done' : place === next && begunAt !== undefined ? 'now' : 'todo';
    const item = createElement(
      'li',
      'step',
      createElement('span', 'step-name', label),
      createElement('span', 'step-at', sayAt(at, begunAt, state)),
    );
    item.dataset['state'] = state;
    return item;
  });
  return createElement('ol', 'pipeline', ...items);
}

/**
 * @param {number | undefined} at
 * @param {number | undefined} begunAt
 * @param {string} state
 */
function sayAt(at, begunAt, state) {
  if (at === undefined || begunAt === undefined) return state === 'now' ? '…' : '–';
  return at === begunAt ? new Date(at).toLocaleTimeString('en-GB') : `+${sayMs(at - begunAt)}`;
}
