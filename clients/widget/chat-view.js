import { createElement, renderMarkdown } from './dom.js';

/** @typedef {ReturnType<typeof createAnswerBubble>} AnswerBubble */

const STEP_MS = 25;

/**
 * The parts of a chat, put into their container. Screen readers are told by the announcer: a transcript that is a live region
 * would be read word by word.
 * @param {HTMLElement} container
 */
export function createChatView(container) {
  const title = createElement('h2', { id: 'title' }, 'Chat');
  const restartButton = createElement('button', { className: 'quiet' }, 'Start over');
  const head = createElement('div', { className: 'head' }, title, restartButton);
  const badge = createElement('span', { className: 'ai-badge' }, 'AI');
  const noticeText = createElement('span', {}, 'You are talking to an AI. It can be wrong.');
  const log = createElement('div', { className: 'log', role: 'region', ariaLabel: 'Conversation', tabIndex: 0 });
  const question = createElement('textarea', {
    rows: 1,
    maxLength: 4000,
    placeholder: 'Type your question',
    ariaLabel: 'Your question',
    enterKeyHint: 'send',
  });
  const sendButton = createElement('button', { className: 'strong' }, 'Send');
  const stopButton = createElement('button', { className: 'strong', type: 'button', hidden: true }, 'Stop');
  const form = createElement('form', {}, question, sendButton, stopButton);
  const announcer = createElement('p', { className: 'visually-hidden', role: 'status' });
  container.lang = 'en';
  container.setAttribute('aria-labelledby', 'title');
  container.append(head, createElement('p', { className: 'notice' }, badge, noticeText), log, form, announcer);

  return {
    head,
    log,
    form,
    question,
    stopButton,
    restartButton,

    /** @param {{ name: string, notice: string }} business */
    introduce({ name, notice }) {
      title.textContent = `Ask ${name}`;
      noticeText.textContent = notice;
    },

    /** @param {boolean} isBusy */
    setBusy(isBusy) {
      log.ariaBusy = String(isBusy);
      restartButton.disabled = isBusy;
    },

    /** @param {boolean} isAnswering */
    setAnswering(isAnswering) {
      const hadFocus = [sendButton, stopButton].some((button) => button.matches(':focus'));
      sendButton.hidden = isAnswering;
      stopButton.hidden = !isAnswering;
      if (hadFocus) question.focus(); // it would be lost with the button
    },

    /** @param {string} words */
    announce(words) {
      return (announcer.textContent = words);
    },
  };
}

/** @param {string} text what the visitor said */
export function createVisitorBubble(text) {
  const speaker = createElement('span', { className: 'visually-hidden' }, 'You: ');
  const shown = createElement('p', { className: 'bubble-text' }, text);
  return createElement('div', { className: 'bubble bubble-visitor' }, speaker, shown);
}

/**
 * The assistant's answer while it grows. A burst of text is shown over some frames, so that it can be followed; what else
 * there is to say (where it is from, how it ended) comes after the text.
 * @param {(() => void)} [onGrown] called after each change of what is seen; without it, all is shown at once
 */
export function createAnswerBubble(onGrown) {
  const speaker = createElement('span', { className: 'visually-hidden' }, 'AI assistant: ');
  const shown = createElement('div', { className: 'bubble-text' });
  const waiting = createElement('p', { className: 'waiting' }, ...['', '', ''].map(() => createElement('i', {})));
  const element = createElement('div', { className: 'bubble bubble-answer' }, speaker, shown, waiting);
  const slot = createElement('slot', {});
  const titles = new Set();
  /** @type {HTMLElement[]} */
  const afterwards = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {(() => void) | undefined} */
  let onEnd;
  let text = '';
  let length = 0;

  function showMore() {
    if (onGrown === undefined) showStep();
    else timer ??= setTimeout(showStep, STEP_MS);
  }

  function showStep() {
    timer = undefined;
    length = onGrown && mayMove() ? nextLength(text, length) : text.length;
    waiting.hidden = length > 0 || onEnd !== undefined;
    shown.replaceChildren(renderMarkdown(text.slice(0, length)));
    if (length < text.length) showMore();
    else if (onEnd) {
      shown.hidden = text === '';
      if (titles.size > 0)
        element.append(createElement('p', { className: 'sources' }, `From: ${[...titles].join(', ')}`));
      element.append(...afterwards, slot);
      onEnd();
    }
    onGrown?.();
  }

  return {
    element,
    slot,

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
      titles.add(title);
    },

    /** @param {string} note */
    addNote(note) {
      afterwards.push(createElement('p', { className: 'note' }, note));
    },

    /**
     * A failure in the visitor's words, with a button that tries again.
     * @param {string} problem
     * @param {() => void} retry
     * @param {number} [waitMs] before it may be pressed
     */
    addProblem(problem, retry, waitMs = 0) {
      const button = createElement('button', { className: 'quiet', disabled: waitMs > 0 }, 'Try again');
      setTimeout(() => (button.disabled = false), waitMs);
      button.addEventListener('click', () => {
        element.remove();
        retry();
      });
      afterwards.push(createElement('div', { className: 'problem' }, createElement('p', {}, problem), button));
    },

    /**
     * Nothing more comes. Resolves when all of it is seen.
     * @returns {Promise<void>}
     */
    end() {
      return new Promise((resolve) => {
        onEnd = resolve;
        showMore();
      });
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
