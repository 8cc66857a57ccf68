import { createElement, getElement } from './dom.js';
import { capitalise } from './open-line.js';
import { sayMs } from './sync-trace.js';

/**
 * What is told with every question, as far as it changes: the time, open or closed, notes. What has just come is marked.
 * @param {HTMLElement} element
 */
export function createFacts(element) {
  const time = createElement('li', 'fact');
  const open = createElement('li', 'fact');
  const list = getElement(element, '.fact-list', HTMLElement);
  /** @type {Set<string> | undefined} */
  let known;
  let saidBefore = '';
  list.append(time, open);

  return {
    /**
     * @param {import('./open-line.js').OpenState} state
     * @param {number} [savedAt] when something was saved that may have changed it
     */
    showOpenState({ said, localTime }, savedAt) {
      time.textContent = `It is ${localTime}.`;
      if (said === saidBefore) return;
      const isChange = savedAt !== undefined && saidBefore !== '';
      saidBefore = said;
      open.replaceChildren(`${capitalise(said)}.`, ...(isChange ? [newMark(Date.now() - savedAt)] : []));
      open.classList.toggle('fact-new', isChange);
    },

    /** @param {readonly import('./notes.js').Note[]} notes those that are live */
    showNotes(notes) {
      const seenBefore = known;
      known = new Set(notes.map(({ id }) => id));
      const shown = new Map(
        Array.from(list.querySelectorAll('[data-note]'), (row) => [row.getAttribute('data-note'), row]),
      );
      for (const [id, row] of shown) if (!known.has(id ?? '')) row.remove();
      for (const { id, text, startsAt } of notes) {
        if (shown.has(id)) continue;
        const isNew = seenBefore !== undefined;
        const row = createElement('li', isNew ? 'fact fact-new' : 'fact', `News: ${text}`);
        if (isNew) row.append(newMark(Date.now() - Date.parse(startsAt)));
        row.dataset['note'] = id;
        list.append(row);
      }
    },
  };
}

/** @param {number} ms */
function newMark(ms) {
  return createElement('span', 'fact-mark', `told ${sayMs(Math.max(0, ms))} after saving, before any sync`);
}
