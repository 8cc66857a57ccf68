import { createButton, createElement, getElement, sayError } from './dom.js';
import { createForm } from './form.js';
import { endOfDay, momentOf, sayDuration, wallTimeOf } from './zone-time.js';

/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {{ id: string, text: string, startsAt: string, expiresAt: string }} Note
 */

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
const QUESTION = 'Any news?';

/**
 * Dated notes: one is added until a moment, those that are live show how long they have, and one that ends is gone.
 * @param {Api} api acting with the secret key
 * @param {HTMLElement} element
 * @param {object} options
 * @param {import('./context-watch.js').ContextWatch} options.watch
 * @param {(question: string) => void} options.onSaved gets a question whose answer was changed
 * @param {(notes: readonly Note[]) => void} options.onNotes gets those that are live, whenever one comes or goes
 */
export async function startNotes(api, element, { watch, onSaved, onNotes }) {
  const list = getElement(element, '.note-list', HTMLElement);
  const none = getElement(element, '.no-notes', HTMLElement);
  /** @type {readonly Note[]} those that have not ended */
  let known = [];
  /** @type {string | undefined} */
  let shownIds;

  async function load() {
    known = (await api.call('GET', '/v1/local-context')).data;
    show();
  }

  /** Shows what is true at this moment. */
  function show() {
    const now = Date.now();
    const live = known.filter(({ startsAt, expiresAt }) => Date.parse(startsAt) <= now && now < Date.parse(expiresAt));
    const ids = live.map(({ id }) => id).join();
    if (shownIds !== ids) {
      shownIds = ids;
      none.hidden = live.length > 0;
      list.replaceChildren(...live.map((note) => createNoteRow(note, () => remove(note))));
      onNotes(live);
    }
    for (const [index, left] of list.querySelectorAll('.note-left').entries()) {
      left.textContent = `${sayDuration(Date.parse(live[index]?.expiresAt ?? '') - now)} left`;
    }
  }

  /** @param {Note} note */
  async function remove({ id }) {
    await api.call('DELETE', `/v1/local-context/${id}`);
    onSaved(QUESTION);
    getElement(element, '#note-text', HTMLElement).focus(); // it would be lost with the button
    await load();
  }

  /** @type {{ timezone: string }} */
  const { timezone } = await api.call('GET', '/v1/hours');
  startNoteForm(api, getElement(element, 'form', HTMLFormElement), timezone, async () => {
    onSaved(QUESTION);
    await load();
  });
  let version = 0;
  watch.subscribe(({ context }) => {
    if (context === undefined || context.version === version) return;
    version = context.version;
    void load().catch(() => undefined); // shown at the next change
  });
  setInterval(show, SECOND_MS);
  await load();
}

/**
 * @param {Note} note
 * @param {() => Promise<void>} remove
 */
function createNoteRow({ text }, remove) {
  const button = createButton('button button-quiet', 'Remove', () => void tryRemoving(), `Remove the note: ${text}`);
  const problem = createElement('p', 'note-problem');
  problem.role = 'alert';
  const left = createElement('span', 'note-left');
  return createElement('li', 'note', createElement('span', 'note-text', text), left, button, problem);

  async function tryRemoving() {
    try {
      await remove();
    } catch (error) {
      problem.textContent = `Not removed: ${sayError(error)}`;
    }
  }
}

/**
 * @param {Api} api
 * @param {HTMLFormElement} form
 * @param {string} timezone the business's
 * @param {() => Promise<void>} onAdded
 */
function startNoteForm(api, form, timezone, onAdded) {
  const text = getElement(form, '#note-text', HTMLTextAreaElement);
  const until = getElement(form, '#note-until', HTMLSelectElement);
  const at = getElement(form, '#note-at', HTMLInputElement);
  const atField = getElement(form, '[data-path=expiresAt]', HTMLElement);
  getElement(form, '.zone', HTMLElement).textContent = timezone;

  function readEnd() {
    const now = Date.now();
    if (until.value === 'minute') return now + MINUTE_MS;
    if (until.value === 'hour') return now + 60 * MINUTE_MS;
    return until.value === 'day' ? endOfDay(now, timezone) : momentOf(at.value, timezone);
  }

  function showEnd() {
    atField.hidden = until.value !== 'custom';
    if (!atField.hidden) at.value = wallTimeOf(Date.now() + 10 * MINUTE_MS, timezone).slice(0, -2) + '00';
  }

  until.addEventListener('change', showEnd);
  showEnd(); // it may have been chosen while the page was loading
  createForm(form, async () => {
    const end = readEnd();
    const expiresAt = Number.isNaN(end) ? '' : new Date(end).toISOString();
    await api.call('POST', '/v1/local-context', { body: { text: text.value, expiresAt } });
    text.value = '';
    await onAdded();
  });
}
