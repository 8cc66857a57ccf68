import { createElement } from './dom.js';

/** @typedef {{ open: boolean, said: string, localTime: string }} OpenState */

/**
 * Shows whether it is open; resolves to what was shown, undefined if it can't be seen.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {HTMLElement} element
 * @returns {Promise<OpenState | undefined>}
 */
export async function showOpenState(api, element) {
  try {
    /** @type {OpenState} */
    const state = await api.call('GET', '/v1/hours/now');
    const words = capitalise(state.said);
    element.dataset['open'] = String(state.open);
    const isNew = element.querySelector('strong')?.textContent !== words; // said once, not each minute
    const time = createElement('span', 'local-time', `It is ${state.localTime} there.`);
    if (isNew) element.replaceChildren(createElement('span', 'dot'), createElement('strong', '', words), ' ', time);
    return state;
  } catch {
    element.replaceChildren('Whether it is open can’t be seen right now.');
    return undefined;
  }
}

/** @param {string} text */
export function capitalise(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
