import { ProblemError } from '../widget/api.js';
import { cloneTemplate, createElement, getElement } from './dom.js';
import { currencySymbol, parseAmount, writeAmount } from './money.js';

/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {import('./money.js').Money} Money
 * @typedef {{ sku: string, name: string, category: string, price: Money | null, stock: string }} Product
 */

const STOCK_IN_WORDS = new Map([
  ['in_stock', 'in stock'],
  ['out_of_stock', 'sold out'],
  ['preorder', 'to order'],
]);
const SAVED_SHOWN_MS = 4000;

/**
 * A product whose price is edited in place: it is saved when the field is left or Enter is pressed.
 * @param {Product} product
 * @param {{ api: Api, currency: string, onSaved: (product: Product) => void }} options `currency`: of a product without a price
 */
export function createProductRow(product, { api, currency, onSaved }) {
  const element = cloneTemplate('product-row');
  const input = getElement(element, 'input', HTMLInputElement);
  const state = getElement(element, '.price-state', HTMLElement);
  const fieldId = `price-${product.sku}`;
  let saved = product;

  getElement(element, '.product-name', HTMLElement).textContent = product.name;
  const facts = [product.category, STOCK_IN_WORDS.get(product.stock) ?? product.stock].filter((fact) => fact !== '');
  const sku = createElement('span', 'sku', product.sku);
  getElement(element, '.product-facts', HTMLElement).append(facts.join(' · '), ' ', sku);
  const usedCurrency = product.price?.currency ?? currency;
  getElement(element, '.currency', HTMLElement).textContent = currencySymbol(usedCurrency);
  const label = getElement(element, 'label', HTMLLabelElement);
  label.textContent = `Price of ${product.name} in ${usedCurrency}`;
  label.htmlFor = fieldId;
  input.id = fieldId;
  state.id = `${fieldId}-state`;
  input.setAttribute('aria-describedby', state.id);
  showPrice();

  function showPrice() {
    input.value = saved.price === null ? '' : writeAmount(saved.price);
  }

  /**
   * @param {'' | 'saving' | 'saved' | 'failed'} name
   * @param {string} words
   */
  function setState(name, words) {
    element.dataset['state'] = name;
    state.textContent = words;
    input.ariaInvalid = String(name === 'failed');
  }

  async function save() {
    const price = input.value.trim() === '' ? null : parseAmount(input.value, usedCurrency);
    if (price === undefined) {
      setState('failed', `Write an amount such as ${writeAmount({ amount: 450, currency: usedCurrency })}`);
      return;
    }
    if (price?.amount === saved.price?.amount) {
      showPrice();
      setState('', '');
      return;
    }
    setState('saving', 'Saving…');
    input.readOnly = true;
    try {
      saved = await api.call('PATCH', `/v1/products/${encodeURIComponent(product.sku)}`, { body: { price } });
      showPrice();
      setState('saved', 'Saved');
      setTimeout(() => element.dataset['state'] === 'saved' && setState('', ''), SAVED_SHOWN_MS);
      onSaved(saved);
    } catch (error) {
      setState('failed', sayRefusal(error));
    } finally {
      input.readOnly = false;
    }
  }

  input.addEventListener('change', () => void save());
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    showPrice();
    setState('', '');
  });
  return element;
}

/** @param {unknown} error */
function sayRefusal(error) {
  if (!(error instanceof ProblemError)) return 'Not saved: no connection';
  const field = error.fields.find(({ path }) => path.startsWith('price'));
  return `Not saved: ${field?.message ?? error.message}`;
}
