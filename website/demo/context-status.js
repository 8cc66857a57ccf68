import { createElement } from './dom.js';

/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {{ upToDate: boolean, files: { name: string, state: string }[] }} Context
 */

const POLL_MS = 1000;
const KNOWN = 'The assistant knows these products and prices.';
const UPDATING = 'Updating the assistant…';

/**
 * Says whether the assistant knows what is shown. While it doesn't, it asks about once a second.
 * @param {Api} api acting with the secret key
 * @param {HTMLElement} element
 * @param {(question: string) => void} ask asks the assistant
 */
export function createContextStatus(api, element, ask) {
  let isWatching = false;
  let changes = 0;
  let shown = '';
  /** @type {string | undefined} */
  let changedName;

  /**
   * @param {'updating' | 'known' | 'failed'} state
   * @param {string} words
   */
  function show(state, words) {
    const question = state === 'known' && changedName !== undefined ? `How much is ${changedName}?` : undefined;
    if (shown === words + question) return; // said once, not each second
    shown = words + question;
    element.dataset['state'] = state;
    element.replaceChildren(createElement('span', 'context-words', words));
    if (question === undefined) return;
    const button = createElement('button', 'button button-quiet ask-about', `Ask: ${question}`);
    button.type = 'button';
    button.addEventListener('click', () => ask(question));
    element.append(button);
  }

  /** @param {Context} context */
  function showContext({ upToDate, files }) {
    if (upToDate) show('known', KNOWN);
    else if (files.some(({ state }) => state === 'failed'))
      show('failed', 'Updating the assistant failed. Trying again…');
    else show('updating', UPDATING);
  }

  async function watchUntilKnown() {
    for (;;) {
      const changesBefore = changes;
      try {
        /** @type {Context} */
        const context = await api.call('GET', '/v1/context');
        // An answer from before the last change says nothing about it.
        const isCurrent = changes === changesBefore;
        if (isCurrent) showContext(context);
        if (isCurrent && context.upToDate) return;
      } catch {
        show('failed', 'The state of the assistant can’t be seen right now. Trying again…');
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  return {
    /** @param {string} [productName] what was just changed */
    watch(productName) {
      if (productName !== undefined) {
        changedName = productName;
        changes += 1;
        show('updating', UPDATING);
      }
      if (isWatching) return;
      isWatching = true;
      void watchUntilKnown().finally(() => (isWatching = false));
    },
  };
}
