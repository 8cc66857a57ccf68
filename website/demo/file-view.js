import { createElement, getElement } from './dom.js';
import { INSTRUCTIONS } from './file-texts.js';
import { diffLines } from './line-diff.js';

const MARKS = { same: ' ', added: '+', removed: '−' };
const TAGS = /** @type {const} */ ({ same: 'span', added: 'ins', removed: 'del' });

/**
 * A file as the assistant reads it, its changed lines marked. Any file can be chosen; the one that changed last is shown by itself.
 * @param {HTMLElement} element
 * @param {import('./file-texts.js').FileTexts} texts
 */
export function createFileView(element, texts) {
  const select = getElement(element, 'select', HTMLSelectElement);
  const changes = getElement(element, '.file-changes', HTMLElement);
  const scroll = getElement(element, '.lines-scroll', HTMLElement);
  const list = getElement(element, '.lines', HTMLElement);

  function showNames() {
    const chosen = select.value;
    const names = texts.names().toSorted();
    select.replaceChildren(...names.map((name) => new Option(name === INSTRUCTIONS ? 'the instructions' : name, name)));
    select.value = names.includes(chosen) ? chosen : (names[0] ?? '');
  }

  function showLines() {
    const { text = '', before = '', sha256 } = texts.get(select.value) ?? {};
    const lines = diffLines(before, text);
    list.replaceChildren(
      ...lines.map(({ text, change }) => {
        const mark = createElement('span', 'line-mark', MARKS[change]);
        const row = createElement('li', 'line', mark, createElement(TAGS[change], 'line-text', text));
        row.dataset['change'] = change;
        return row;
      }),
    );
    scroll.ariaLabel = `Text of ${select.value}`;
    changes.textContent = sayChanges(lines, sha256 === null);
    scrollToChange();
  }

  function scrollToChange() {
    const first = list.querySelector('.line:not([data-change=same])');
    if (first instanceof HTMLElement) scroll.scrollTop = first.offsetTop - scroll.clientHeight / 3;
    else scroll.scrollTop = 0;
  }

  select.addEventListener('change', showLines);

  return {
    scrollToChange,

    /** Shows anew what has changed, the file of that name if one is given. */
    show(/** @type {string} */ name = select.value) {
      showNames();
      if (texts.get(name) !== undefined) select.value = name;
      showLines();
    },
  };
}

/**
 * @param {import('./line-diff.js').Line[]} lines
 * @param {boolean} isGone
 */
function sayChanges(lines, isGone) {
  const count = (/** @type {string} */ wanted) => lines.filter(({ change }) => change === wanted).length;
  const [added, removed] = [count('added'), count('removed')];
  if (isGone) return 'removed';
  return added + removed === 0 ? 'no change' : `+${added} −${removed} lines`;
}
