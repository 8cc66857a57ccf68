import { createApi } from '../widget/api.js';
import { dress } from './dress.js';
import { cloneTemplate, getElement } from './dom.js';
import { showOpenState } from './open-line.js';

/** @typedef {import('./main.js').Business} Business */

/**
 * The page that lists the demo's businesses.
 * @param {readonly Business[]} businesses
 */
export function createIndex(businesses) {
  const index = cloneTemplate('index');
  getElement(index, '.cards', HTMLElement).append(...businesses.map(createCard));
  return index;
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
  void showOpenState(api, getElement(card, '.open-line', HTMLElement));
  api.call('GET', '/v1/account').then(
    ({ description }) => (text.textContent = firstSentence(description)),
    () => text.remove(),
  );
  return card;
}

/** @param {string} text */
function firstSentence(text) {
  return /^.+?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
