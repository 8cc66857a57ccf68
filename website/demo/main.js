import { createApi, readProblem } from '../widget/api.js';
import { cloneTemplate, createElement, getElement } from './dom.js';
import { createProducts } from './products.js';

/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {import('../widget/protocol.d.ts').ChatBusiness} ChatBusiness
 * @typedef {{ slug: string, name: string, publishableKey: string, secretKey: string }} Business
 */

const HOURS_MS = 60_000;

const main = getElement(document, '#main', HTMLElement);
try {
  const businesses = await loadBusinesses();
  const slug = /^\/demo\/([^/]+)/.exec(location.pathname)?.[1];
  const business = businesses.find((candidate) => candidate.slug === slug);
  if (business === undefined) showIndex(businesses);
  else await showBusiness(business);
} catch (error) {
  const words = error instanceof Error ? error.message : 'no answer';
  main.replaceChildren(createElement('p', 'loading', `The demo can’t be shown: ${words}`));
}

/** @returns {Promise<Business[]>} */
async function loadBusinesses() {
  const response = await fetch('/demo-keys.json', { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()).businesses;
}

/** @param {readonly Business[]} businesses */
function showIndex(businesses) {
  const index = cloneTemplate('index');
  getElement(index, '.cards', HTMLElement).append(...businesses.map(createCard));
  main.replaceChildren(index);
}

/** @param {Business} business */
function createCard({ slug, name, secretKey }) {
  const api = createApi(secretKey);
  const card = cloneTemplate('card');
  dress(card, card, slug, name);
  const link = getElement(card, '.card-link', HTMLAnchorElement);
  link.textContent = name;
  link.href = `/demo/${encodeURIComponent(slug)}`;
  const text = getElement(card, '.card-text', HTMLElement);
  void showHours(api, getElement(card, '.open-line', HTMLElement));
  api.call('GET', '/v1/account').then(
    ({ description }) => (text.textContent = firstSentence(description)),
    () => text.remove(),
  );
  return card;
}

/** @param {Business} business */
async function showBusiness({ slug, name, publishableKey, secretKey }) {
  const owner = createApi(secretKey);
  const page = cloneTemplate('business');
  const chat = cloneTemplate('chat');
  const showPanel = createSwitch(page);
  const products = createProducts(owner, (question) => {
    showPanel('chat');
    void widget.then(({ ask }) => ask(question));
  });

  document.title = `${name} · ChatBusiness demo`;
  getElement(page, 'h1', HTMLElement).textContent = name;
  dress(page, document.documentElement, slug, name);
  getElement(page, '.panels', HTMLElement).append(products.element, chat);
  main.replaceChildren(page);
  const widget = mountWidget(getElement(chat, '.widget', HTMLElement), publishableKey);
  showScript(chat, publishableKey);

  const openLine = getElement(page, '.open-line', HTMLElement);
  setInterval(() => document.hidden || void showHours(owner, openLine), HOURS_MS);
  await Promise.all([
    showHours(owner, openLine),
    showEngine(owner, getElement(chat, '.engine-note', HTMLElement)),
    products.start(),
    widget,
  ]);
}

/**
 * The chat is the widget, as any page may have it.
 * @param {HTMLElement} place
 * @param {string} key
 */
async function mountWidget(place, key) {
  const { ChatBusiness } = /** @type {Window & { ChatBusiness?: ChatBusiness }} */ (window);
  if (ChatBusiness === undefined) throw new Error('the widget is missing');
  return ChatBusiness.mount(place, { key });
}

/**
 * The line that shows the same chat on another page, to be copied.
 * @param {HTMLElement} chat
 * @param {string} key
 */
function showScript(chat, key) {
  const line = `<script src="${location.origin}/widget.js" data-key="${key}" async></script>`;
  const field = getElement(chat, '.script-line', HTMLTextAreaElement);
  const button = getElement(chat, '.copy', HTMLButtonElement);
  const state = getElement(chat, '.copy-state', HTMLElement);
  field.value = line;
  field.addEventListener('focus', () => field.select());
  button.addEventListener('click', () => {
    field.focus();
    navigator.clipboard.writeText(line).then(
      () => (state.textContent = 'Copied'),
      () => (state.textContent = 'Selected: copy it with your keyboard'),
    );
  });
}

/**
 * On a narrow screen one panel is shown at a time.
 * @param {HTMLElement} page
 */
function createSwitch(page) {
  const buttons = [...page.querySelectorAll('button')].filter((button) => button.dataset['panel'] !== undefined);
  /** @param {string | undefined} panel */
  function showPanel(panel) {
    page.dataset['shown'] = panel;
    for (const button of buttons) button.ariaPressed = String(button.dataset['panel'] === panel);
  }
  for (const button of buttons) button.addEventListener('click', () => showPanel(button.dataset['panel']));
  showPanel('chat');
  return showPanel;
}

/**
 * @param {Api} api
 * @param {HTMLElement} element
 */
async function showHours(api, element) {
  try {
    /** @type {{ open: boolean, said: string, localTime: string }} */
    const { open, said, localTime } = await api.call('GET', '/v1/hours/now');
    const words = `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
    element.dataset['open'] = String(open);
    const strong = element.querySelector('strong');
    if (strong?.textContent === words) return; // said once, not each minute
    const time = createElement('span', 'local-time', `It is ${localTime} there.`);
    element.replaceChildren(createElement('span', 'dot'), createElement('strong', '', words), ' ', time);
  } catch {
    element.replaceChildren('Whether it is open can’t be seen right now.');
  }
}

/**
 * Says when no language model answers, so that nobody judges one by it.
 * @param {Api} api
 * @param {HTMLElement} element
 */
async function showEngine(api, element) {
  try {
    /** @type {{ model: string }} */
    const { model } = await api.call('GET', '/v1/assistant');
    element.textContent = model.startsWith('embedded-')
      ? 'Answered by the built-in engine: it finds and quotes, it is no language model.'
      : `Answered by ${model}.`;
  } catch {
    element.remove();
  }
}

/**
 * Gives a business its emblem and accent: those that the page has for it, else its initial.
 * @param {HTMLElement} element holds the place of the emblem
 * @param {HTMLElement} accented
 * @param {string} slug
 * @param {string} name
 */
function dress(element, accented, slug, name) {
  const emblem = getElement(element, '.emblem', HTMLElement);
  const drawing = document.querySelector(`template#emblem-${CSS.escape(slug)}`);
  if (drawing instanceof HTMLTemplateElement) {
    emblem.append(document.importNode(drawing.content, true));
    accented.dataset['accent'] = drawing.dataset['accent'];
  } else {
    emblem.append(name.charAt(0));
  }
}

/** @param {string} text */
function firstSentence(text) {
  return /^.+?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
