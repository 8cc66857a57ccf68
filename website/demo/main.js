import { readProblem } from '../widget/api.js';
import { showBusiness } from './business-page.js';
import { createElement, getElement, sayError } from './dom.js';
import { createIndex } from './index-page.js';

/** @typedef {{ slug: string, name: string, publishableKey: string, secretKey: string }} Business */

const main = getElement(document, '#main', HTMLElement);
try {
  const businesses = await loadBusinesses();
  const slug = /^\/demo\/([^/]+)/.exec(location.pathname)?.[1];
  const business = businesses.find((candidate) => candidate.slug === slug);
  if (business === undefined) main.replaceChildren(createIndex(businesses));
  else await showBusiness(main, business);
} catch (error) {
  main.replaceChildren(createElement('p', 'loading', `The demo can’t be shown: ${sayError(error)}`));
}

/** @returns {Promise<Business[]>} */
async function loadBusinesses() {
  const response = await fetch('/demo-keys.json', { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()).businesses;
}
