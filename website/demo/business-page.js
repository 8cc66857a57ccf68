import { createApi } from '../widget/api.js';
import { createContextWatch } from './context-watch.js';
import { dress } from './dress.js';
import { cloneTemplate, getElement } from './dom.js';
import { createFacts } from './facts.js';
import { createLive } from './live.js';
import { showOpenState } from './open-line.js';
import { createOwner } from './owner.js';
import { createVisitor } from './visitor.js';

/** @typedef {{ question: string }} Change what was just saved: a question whose answer it changes */

const MINUTE_MS = 60_000;

/**
 * The page of a business: what its owner changes, what becomes of it, what a visitor is told.
 * @param {HTMLElement} main
 * @param {import('./main.js').Business} business
 */
export async function showBusiness(main, { slug, name, publishableKey, secretKey }) {
  const api = createApi(secretKey);
  const watch = createContextWatch(api);
  const page = cloneTemplate('business');
  const openLine = getElement(page, '.open-line', HTMLElement);

  const live = createLive(api, watch);
  const showPanel = createSwitch(page, (panel) => panel === 'live' && live.onShown());
  const facts = createFacts(live.factsElement);
  const visitor = createVisitor(api, publishableKey);
  const owner = createOwner(api, watch, {
    onChange: () => {
      watch.noteChange();
      void showNow(Date.now());
    },
    onNotes: facts.showNotes,
    ask(question) {
      showPanel('chat');
      void visitor.ask(question);
    },
  });

  /** @param {number} [savedAt] */
  async function showNow(savedAt) {
    const state = await showOpenState(api, openLine);
    if (state !== undefined) facts.showOpenState(state, savedAt);
  }

  document.title = `${name} · ChatBusiness demo`;
  getElement(page, 'h1', HTMLElement).textContent = name;
  dress(page, document.documentElement, slug, name);
  getElement(page, '.panels', HTMLElement).append(owner.element, live.element, visitor.element);
  main.replaceChildren(page);

  const watchButton = getElement(page, '.switch [data-panel=live]', HTMLButtonElement);
  watch.subscribe(({ phase }) => (watchButton.dataset['phase'] = phase));
  setInterval(() => document.hidden || void showNow(), MINUTE_MS);
  await Promise.all([showNow(), owner.start(), live.start(), visitor.start()]);
}

/**
 * On a narrow screen one panel is shown at a time.
 * @param {HTMLElement} page
 * @param {(panel: string | undefined) => void} onShown
 */
function createSwitch(page, onShown) {
  const buttons = [...page.querySelectorAll('button')].filter((button) => button.dataset['panel'] !== undefined);
  /** @param {string | undefined} panel */
  function showPanel(panel) {
    page.dataset['shown'] = panel;
    for (const button of buttons) button.ariaPressed = String(button.dataset['panel'] === panel);
    onShown(panel);
  }
  for (const button of buttons) button.addEventListener('click', () => showPanel(button.dataset['panel']));
  showPanel('chat');
  return showPanel;
}
