import { cloneTemplate, createElement, getElement } from './dom.js';
import { renderMarkdown } from './render-markdown.js';

/** @typedef {ReturnType<typeof createAnswerBubble>} AnswerBubble */

const STEP_MS = 25;

/**
 * What the visitor said.
 * @param {string} text
 */
export function createVisitorBubble(text) {
  const element = cloneTemplate('visitor-bubble');
  getElement(element, '.bubble-text', HTMLElement).textContent = text;
  return element;
}

/**
 * The assistant's answer while it grows. A burst of text is shown over some frames, so that it can be followed; what else
 * there is to say (where it is from, how it ended) comes after the text.
 * @param {{ onGrown?: () => void, isPaced?: boolean }} [options] `onGrown` is called after each change of what is seen
 */
export function createAnswerBubble({ onGrown = () => undefined, isPaced = false } = {}) {
  const element = cloneTemplate('answer-bubble');
  const shown = getElement(element, '.bubble-text', HTMLElement);
  const waiting = getElement(element, '.waiting', HTMLElement);
  const sources = getElement(element, '.sources', HTMLElement);
  const ended = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
  /** @type {Set<string>} */
  const titles = new Set();
  /** @type {HTMLElement[]} */
  const afterwards = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let text = '';
  let shownLength = 0;
  let isEnded = false;

  function showMore() {
    if (!isPaced) showStep();
    else timer ??= setTimeout(showStep, STEP_MS);
  }

  function showStep() {
    timer = undefined;
    shownLength = isPaced && mayMove() ? nextLength(text, shownLength) : text.length;
    if (shownLength > 0) waiting.hidden = true;
    shown.replaceChildren(renderMarkdown(text.slice(0, shownLength)));
    if (shownLength < text.length) showMore();
    else if (isEnded) showEnd();
    onGrown();
  }

  function showEnd() {
    waiting.hidden = true;
    shown.hidden = text === '';
    sources.hidden = titles.size === 0;
    getElement(sources, 'ul', HTMLUListElement).append(...[...titles].map((title) => createElement('li', '', title)));
    element.append(...afterwards);
    ended.resolve();
  }

  return {
    element,

    /** @param {string} more */
    addText(more) {
      text += more;
      showMore();
    },

    /** What follows begins a new paragraph. */
    beginText() {
      if (text !== '') text += '\n\n';
    },

    /** @param {string} title */
    addSource(title) {
      if (title !== '') titles.add(title);
    },

    /** @param {string} note */
    addNote(note) {
      afterwards.push(createElement('p', 'note', note));
    },

    /**
     * A failure in the visitor's words, with a button that tries again once `waitMs` are over.
     * @param {string} problem
     * @param {{ retry: () => void, waitMs: number }} options
     */
    addProblem(problem, { retry, waitMs }) {
      const button = createElement('button', 'button button-quiet', 'Try again');
      button.type = 'button';
      button.disabled = waitMs > 0;
      if (waitMs > 0) setTimeout(() => (button.disabled = false), waitMs);
      button.addEventListener('click', () => {
        element.remove();
        retry();
      });
      afterwards.push(createElement('div', 'problem', createElement('p', '', problem), button));
    },

    /** Nothing more comes. Resolves when all of it is seen. */
    end() {
      isEnded = true;
      showMore();
      return ended.promise;
    },
  };
}

function mayMove() {
  return !document.hidden && !matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/**
 * How much is shown next: the more is waiting, the more at once. A character isn't cut in two.
 * @param {string} text
 * @param {number} length
 */
function nextLength(text, length) {
  const next = length + Math.max(2, Math.ceil((text.length - length) / 10));
  return /[\uD800-\uDBFF]/.test(text.charAt(next - 1)) ? next + 1 : next;
}
