import { ProblemError } from './api.js';
import { createAnswerBubble, createVisitorBubble } from './bubbles.js';
import { cloneTemplate, createElement, getElement } from './dom.js';
import { sayProblem } from './say-problem.js';

/**
 * @typedef {import('./bubbles.js').AnswerBubble} AnswerBubble
 * @typedef {import('./read-stream.js').Part} Part
 * @typedef {import('./thread.js').Question} Question
 * @typedef {import('./thread.js').StoredMessage} StoredMessage
 * @typedef {import('./thread.js').Thread} Thread
 * @typedef {{ name: string, greeting: string, suggestions: string[], notice: string }} Widget
 * @typedef {ReturnType<typeof createChat>} Chat
 */

const FOLLOW_WITHIN_PX = 80;

/**
 * The visitor's chat.
 * @param {Widget} widget
 * @param {Thread} thread
 */
export function createChat(widget, thread) {
  const element = cloneTemplate('chat');
  const log = getElement(element, '.log', HTMLElement);
  const form = getElement(element, 'form', HTMLFormElement);
  const question = getElement(form, 'textarea', HTMLTextAreaElement);
  const sendButton = getElement(form, '.send', HTMLButtonElement);
  const stopButton = getElement(form, '.stop', HTMLButtonElement);
  const restartButton = getElement(element, '.restart', HTMLButtonElement);
  let isAnswering = false;

  getElement(element, 'h2', HTMLElement).textContent = `Ask ${widget.name}`;
  getElement(element, '.notice-text', HTMLElement).textContent = widget.notice;

  /** @param {boolean} answering */
  function setAnswering(answering) {
    isAnswering = answering;
    // Screen readers wait for the whole answer instead of reading each word of it.
    log.ariaBusy = String(answering);
    sendButton.hidden = answering;
    stopButton.hidden = !answering;
    restartButton.disabled = answering;
  }

  function greet() {
    const greeting = createAnswerBubble();
    greeting.addText(widget.greeting);
    void greeting.end();
    const suggestions = createElement('div', 'suggestions');
    suggestions.ariaLabel = 'Suggested questions';
    suggestions.role = 'group';
    for (const suggestion of widget.suggestions.slice(0, 3)) {
      const button = createElement('button', 'button suggestion', suggestion);
      button.type = 'button';
      button.addEventListener('click', () => void ask(suggestion));
      suggestions.append(button);
    }
    log.replaceChildren(greeting.element, suggestions);
  }

  /** @param {string} text */
  async function ask(text) {
    if (isAnswering || text.trim() === '') return;
    log.querySelector('.suggestions')?.remove();
    log.append(createVisitorBubble(text));
    await answer({ text, idempotencyKey: crypto.randomUUID() });
  }

  /** @param {Question} asked */
  async function answer(asked) {
    const bubble = createAnswerBubble({ onGrown: createFollow(log), isPaced: true });
    log.append(bubble.element);
    scrollToEnd(log);
    setAnswering(true);
    const askAnew = () => void answer({ ...asked, idempotencyKey: crypto.randomUUID() });
    try {
      for await (const part of thread.send(asked)) showPart(bubble, part, askAnew);
    } catch (error) {
      const isRefused = error instanceof ProblemError;
      bubble.addProblem(sayProblem(error), {
        waitMs: isRefused ? (error.retryAfterS ?? 0) * 1000 : 0,
        // What broke off may be running still: the same key follows it.
        retry: isRefused ? askAnew : () => void answer(asked),
      });
    } finally {
      await bubble.end();
      setAnswering(false);
    }
  }

  /** Shows what was said before the page was loaded, and goes on with an answer that is still running. */
  async function restore() {
    const { messages, pending } = await thread.read();
    if (messages.length === 0) greet();
    else log.replaceChildren(...messages.map(storedBubble));
    scrollToEnd(log);
    if (pending !== undefined) await answer(pending);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isAnswering) return;
    const text = question.value.trim();
    question.value = '';
    void ask(text);
  });
  question.addEventListener('keydown', (event) => {
    // Enter that ends the composition of a character isn't meant for us.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  stopButton.addEventListener('click', () => {
    thread.stop().catch(() => undefined); // the answer goes on, and its own end is told
    question.focus();
  });
  restartButton.addEventListener('click', () => {
    thread.forget();
    greet();
    question.focus();
  });

  return { element, ask, restore };
}

/**
 * @param {AnswerBubble} bubble
 * @param {Part} part
 * @param {() => void} retry
 */
function showPart(bubble, part, retry) {
  switch (part.type) {
    case 'text-start':
      return bubble.beginText();
    case 'text-delta':
      return bubble.addText(part.delta ?? '');
    case 'text':
      return bubble.addText(part.text ?? '');
    case 'source-document':
      return bubble.addSource(part.title ?? '');
    case 'dynamic-tool':
    case 'tool-output-available':
      return part.output?.said === undefined ? undefined : bubble.addNote(part.output.said);
    case 'abort':
      return bubble.addNote('Stopped.');
    case 'error':
      return bubble.addProblem(part.errorText ?? 'The answer could not be finished.', { retry, waitMs: 0 });
    default:
      return undefined;
  }
}

/** @param {StoredMessage} message */
function storedBubble({ role, parts, state }) {
  if (role === 'user') return createVisitorBubble(parts.map(({ text }) => text ?? '').join('\n'));
  const bubble = createAnswerBubble();
  for (const part of parts) showPart(bubble, part, () => undefined);
  if (state === 'interrupted') bubble.addNote('Stopped.');
  if (state === 'failed') bubble.addNote('This answer could not be finished.');
  void bubble.end();
  return bubble.element;
}

/**
 * Keeps the end in view while something grows, unless the reader has scrolled away from it.
 * @param {HTMLElement} log
 */
function createFollow(log) {
  let seenHeight = log.scrollHeight;
  return () => {
    const isAtEnd = seenHeight - log.scrollTop - log.clientHeight < FOLLOW_WITHIN_PX;
    seenHeight = log.scrollHeight;
    if (isAtEnd) scrollToEnd(log);
  };
}

/** @param {HTMLElement} log */
function scrollToEnd(log) {
  log.scrollTo({ top: log.scrollHeight, behavior: 'instant' });
}
