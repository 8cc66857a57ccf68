import { createElement } from './dom.js';
import { renderValue } from './readable-value.js';

/**
 * What an answer rests on, in a reader's words.
 * @param {import('./told.js').Answer} answer
 */
export function createToldView({ told, calls, assistantVersion, firstTextMs, totalMs }) {
  const first = firstTextMs === null ? 'No word came' : `First word after ${firstTextMs} ms`;
  return createElement(
    'div',
    '',
    ...part('Facts of the moment', told === null ? [] : told.now.split('\n').map(createFact)),
    ...part('Passages it found', (told?.passages ?? []).map(createPassage)),
    ...part('Functions it called', calls.map(createCall)),
    createElement(
      'p',
      'told-foot',
      `${first}, the whole answer after ${totalMs} ms. Version ${assistantVersion} of the assistant.`,
    ),
  );
}

/**
 * @param {string} title
 * @param {readonly HTMLElement[]} items
 */
function part(title, items) {
  const shown = items.length === 0 ? [createElement('li', 'told-none', 'none')] : items;
  return [createElement('h3', '', title), createElement('ul', 'told-list', ...shown)];
}

/** @param {string} line such as `Local date and time: Tuesday, …` */
function createFact(line) {
  const [, name, rest] = /^([^:]+): (.*)$/.exec(line) ?? [];
  if (name === undefined || rest === undefined) return createElement('li', '', line);
  return createElement('li', '', createElement('strong', '', `${name}:`), ` ${rest}`);
}

/** @param {import('./told.js').Passage} passage */
function createPassage({ name, title, score, text }) {
  const meter = createElement('meter', '');
  meter.max = 1;
  meter.value = score;
  meter.ariaLabel = 'Score';
  const facts = createElement('span', 'passage-facts', `${name ?? 'replaced'} · `, meter, ` ${score.toFixed(2)}`);
  const summary = createElement('summary', '', createElement('strong', '', title), facts);
  return createElement('li', '', createElement('details', '', summary, createElement('p', 'passage-text', text)));
}

/** @param {import('./told.js').Call} call */
function createCall({ name, arguments: given, output }) {
  const { said, ...rest } =
    output !== null && typeof output === 'object' ? /** @type {Record<string, unknown>} */ (output) : { said: output };
  return createElement(
    'li',
    '',
    createElement('code', 'call-name', name),
    createElement('div', 'call-part', createElement('span', 'call-word', 'asked with'), renderValue(given)),
    createElement('div', 'call-part', createElement('span', 'call-word', 'said'), renderValue(said)),
    ...(Object.keys(rest).length === 0
      ? []
      : [createElement('details', '', createElement('summary', '', 'All that it gave'), renderValue(rest))]),
  );
}
