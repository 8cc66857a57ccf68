import { createElement } from './dom.js';

const ITEMS_MAX = 10;

/**
 * A JSON value for people: names and values in lists. What is null or empty is left out.
 * @param {unknown} value
 * @returns {HTMLElement}
 */
export function renderValue(value) {
  if (isEmpty(value)) return createElement('span', 'value-none', 'nothing');
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item) => createElement('li', '', renderValue(item)));
    const more = value.length - items.length;
    return createElement(
      'ol',
      'value-list',
      ...items,
      ...(more > 0 ? [createElement('li', '', `and ${more} more`)] : []),
    );
  }
  if (typeof value !== 'object' || value === null) return createElement('span', 'value', sayScalar(value));
  const rows = Object.entries(value).flatMap(([name, inner]) =>
    isEmpty(inner)
      ? []
      : [
          createElement(
            'div',
            'value-row',
            createElement('dt', '', `${sayName(name)}:`),
            createElement('dd', '', renderValue(inner)),
          ),
        ],
  );
  return createElement('dl', 'value-rows', ...rows);
}

/** @param {unknown} value */
function isEmpty(value) {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

/** @param {unknown} value */
function sayScalar(value) {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/**
 * `inStockOnly` as `in stock only`.
 * @param {string} name
 */
function sayName(name) {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ');
}
