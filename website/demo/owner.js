import { createContextStatus } from './context-status.js';
import { cloneTemplate, getElement } from './dom.js';
import { startHoursForm } from './hours-form.js';
import { startNotes } from './notes.js';
import { startPlaceForm } from './place-form.js';
import { startProducts } from './products.js';
import { createTabs } from './tabs.js';
import { startToneForm } from './tone-form.js';

/**
 * The business as its owner sees it, to be changed.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {import('./context-watch.js').ContextWatch} watch
 * @param {object} options
 * @param {() => void} options.onChange something was saved
 * @param {(notes: readonly import('./notes.js').Note[]) => void} options.onNotes the notes that are live now
 * @param {(question: string) => void} options.ask asks the assistant
 */
export function createOwner(api, watch, { onChange, onNotes, ask }) {
  const element = cloneTemplate('owner');
  const status = createContextStatus(getElement(element, '.context-status', HTMLElement), ask);
  watch.subscribe(({ phase }) => status.show(phase));
  createTabs(element);

  /** @param {string} question one whose answer has just changed */
  function onSaved(question) {
    status.setQuestion(question);
    onChange();
  }

  return {
    element,

    async start() {
      await Promise.all([
        startProducts(api, getElement(element, '#products', HTMLElement), onSaved),
        startHoursForm(api, getElement(element, '#hours form', HTMLFormElement), onSaved),
        startNotes(api, getElement(element, '#notes', HTMLElement), { watch, onSaved, onNotes }),
        startPlaceForm(api, getElement(element, '#place form', HTMLFormElement), onSaved),
        startToneForm(api, getElement(element, '#tone form', HTMLFormElement), onSaved),
      ]);
    },
  };
}
