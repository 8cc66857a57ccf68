import { createElement, getElement, sayError } from './dom.js';
import { createProductRow } from './product-row.js';

/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {import('./product-row.js').Product} Product
 */

const PAGE = 50;
const TYPING_MS = 200;

/**
 * The products of a business, found by words, their prices to be changed.
 * @param {Api} api acting with the secret key
 * @param {HTMLElement} element
 * @param {(question: string) => void} onChange gets a question whose answer was changed
 */
export function startProducts(api, element, onChange) {
  const list = getElement(element, '.product-list', HTMLUListElement);
  const count = getElement(element, '.count', HTMLElement);
  const moreButton = getElement(element, '.more', HTMLButtonElement);
  const search = getElement(element, 'input[type=search]', HTMLInputElement);
  let currency = 'USD';
  /** @type {string | null} */
  let nextCursor = null;
  let loading = new AbortController();

  /** @param {Product} product */
  const onSaved = ({ name }) => onChange(`How much is ${name}?`);

  /** @param {string | null} cursor null: from the beginning */
  async function load(cursor) {
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (search.value.trim() !== '') query.set('query', search.value.trim());
    if (cursor !== null) query.set('cursor', cursor);
    try {
      /** @type {{ data: Product[], nextCursor: string | null }} */
      const page = await api.call('GET', `/v1/products?${query}`, { signal });
      show(page, cursor !== null);
    } catch (error) {
      if (signal.aborted) return; // a newer search took its place
      list.replaceChildren();
      count.textContent = `The products can’t be shown: ${sayError(error)}`;
    }
  }

  /**
   * @param {{ data: Product[], nextCursor: string | null }} page
   * @param {boolean} isContinued
   */
  function show(page, isContinued) {
    currency = page.data.find(({ price }) => price !== null)?.price?.currency ?? currency;
    const rows = page.data.map((product) => createProductRow(product, { api, currency, onSaved }));
    if (isContinued) list.append(...rows);
    else list.replaceChildren(...rows);
    nextCursor = page.nextCursor;
    moreButton.hidden = nextCursor === null;
    const shown = list.childElementCount;
    count.textContent = shown === 0 ? 'None found' : `${nextCursor === null ? '' : 'First '}${shown}`;
    if (isContinued) rows[0]?.querySelector('input')?.focus({ preventScroll: true });
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => void load(null), TYPING_MS);
  });
  getElement(element, 'form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(typing);
    void load(null);
  });
  moreButton.addEventListener('click', () => void load(nextCursor));

  list.replaceChildren(createElement('li', 'loading', 'Loading…'));
  return load(null);
}
