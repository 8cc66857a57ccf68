import { getElement } from './dom.js';

/**
 * Gives a business its emblem and accent: those that the page has for it, else its initial.
 * @param {HTMLElement} element holds the place of the emblem
 * @param {HTMLElement} accented
 * @param {string} slug
 * @param {string} name
 */
export function dress(element, accented, slug, name) {
  const emblem = getElement(element, '.emblem', HTMLElement);
  const drawing = document.querySelector(`template#emblem-${CSS.escape(slug)}`);
  if (drawing instanceof HTMLTemplateElement) {
    emblem.append(document.importNode(drawing.content, true));
    accented.dataset['accent'] = drawing.dataset['accent'];
  } else {
    emblem.append(name.charAt(0));
  }
}
