import { createApi, ProblemError, sayProblem, tellOwner } from './api.js';
import { createAnswerBubble, createChatView, createVisitorBubble } from './chat-view.js';
import { createElement } from './dom.js';
import { createThread } from './thread.js';

/** @import { Business, ChatOptions, Part, Question, StoredMessage } from './protocol.d.ts' */

const FOLLOW_WITHIN_PX = 80;

/**
 * The visitor's chat, in a container that it names. `ready` comes when what was said before is shown.
 * @param {HTMLElement} container
 * @param {ChatOptions} options
 */
export function createChat(container, { key, service }) {
  const view = createChatView(container);
  const { head, log, form, question } = view;
  const api = createApi(key, service);
  const thread = createThread(api, key);
  /** @type {Business | undefined} */
  let business;
  let isAnswering = false;
  let ready = start();

  /** Shows what was said before the page was loaded. */
  async function start() {
    view.setBusy(true);
    try {
      const [known, { messages, pending }] = await Promise.all([api.call('GET', '/v1/widget'), thread.read()]);
      view.introduce((business = known));
      if (messages.length === 0) greet(known);
      else log.replaceChildren(...messages.map(storedBubble));
      scrollToEnd();
      for (const { role, id } of messages) if (role === 'assistant') tellPage(id);
      // An answer that is still running is followed, not waited for.
      if (pending) void answer(pending);
    } catch (error) {
      tellOwner(error, key);
      const bubble = createAnswerBubble();
      bubble.addProblem(view.announce(sayProblem(error)), restart);
      void bubble.end();
      log.replaceChildren(bubble.element);
    } finally {
      view.setBusy(isAnswering);
    }
  }

  function restart() {
    ready = start();
  }

  /** @param {Business} business */
  function greet({ greeting, suggestions }) {
    const buttons = suggestions.slice(0, 3).map((suggestion) => {
      const button = createElement('button', { className: 'suggestion' }, suggestion);
      button.addEventListener('click', () => {
        question.focus();
        void ask(suggestion);
      });
      return button;
    });
    log.replaceChildren(
      storedBubble({ id: '', role: 'assistant', parts: [{ type: 'text', text: greeting }], state: 'done' }),
      createElement('div', { className: 'suggestions', role: 'group', ariaLabel: 'Suggested questions' }, ...buttons),
    );
  }

  /** @param {string} text */
  async function ask(text) {
    await ready;
    if (isAnswering || text.trim() === '') return;
    log.querySelector('.suggestions')?.remove();
    log.append(createVisitorBubble(text));
    // `crypto.randomUUID` isn't there on pages without TLS.
    await answer({ text, idempotencyKey: String(crypto.getRandomValues(new Uint32Array(4))) });
  }

  /** @param {Question} asked */
  async function answer(asked) {
    const bubble = createAnswerBubble(createFollow());
    log.append(bubble.element);
    scrollToEnd();
    setAnswering(true);
    view.announce('Looking it up…');
    // What was refused or has failed is asked anew. What broke off may be running still: the same key follows it.
    const askAnew = () => void answer({ ...asked, idempotencyKey: `${asked.idempotencyKey}+` });
    try {
      for await (const part of thread.send(asked)) showPart(bubble, part, askAnew);
    } catch (error) {
      tellOwner(error, key);
      // A limit may last for weeks; who waits for a minute may try what the owner has changed meanwhile.
      if (error instanceof ProblemError)
        bubble.addProblem(sayProblem(error), askAnew, 1000 * Math.min(error.retryAfterS ?? 0, 60));
      else bubble.addProblem(sayProblem(error), () => void answer(asked));
    } finally {
      await bubble.end();
      setAnswering(false);
      view.announce(bubble.element.innerText);
      tellPage(bubble.slot.name);
    }
  }

  /** @param {string} messageId whose slot the page may fill; none: nothing was stored */
  function tellPage(messageId) {
    const detail = { threadId: thread.getId(), messageId };
    if (messageId) log.dispatchEvent(new CustomEvent('chatbusiness:answer', { bubbles: true, composed: true, detail }));
  }

  /** @param {boolean} answering */
  function setAnswering(answering) {
    isAnswering = answering;
    view.setBusy(answering);
    view.setAnswering(answering);
  }

  function scrollToEnd() {
    log.scrollTop = log.scrollHeight;
  }

  /** Keeps the end in view while something grows, unless the reader has scrolled away from it. */
  function createFollow() {
    let seenHeight = log.scrollHeight;
    return () => {
      const isAtEnd = seenHeight - log.scrollTop - log.clientHeight < FOLLOW_WITHIN_PX;
      seenHeight = log.scrollHeight;
      if (isAtEnd) scrollToEnd();
    };
  }

  async function submit() {
    await ready;
    if (isAnswering) return;
    const text = question.value.trim();
    question.value = '';
    await ask(text);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  question.addEventListener('keydown', (event) => {
    // Enter that ends the composition of a character isn't meant for us.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  view.stopButton.addEventListener('click', () => {
    thread.stop().catch(() => undefined); // the answer goes on, and its own end is told
    question.focus();
  });
  view.restartButton.addEventListener('click', () => {
    thread.forget();
    if (business) greet(business);
    else restart();
    question.focus();
  });

  return { head, question, ask, ready };
}

/**
 * @param {import('./chat-view.js').AnswerBubble} bubble
 * @param {Part} part
 * @param {() => void} retry
 */
function showPart(bubble, { type, delta, text = delta ?? '', title, messageId, output, errorText }, retry) {
  if (messageId) bubble.slot.name = messageId;
  if (type === 'text-start') bubble.beginText();
  if (type === 'text-delta' || type === 'text') bubble.addText(text);
  if (type === 'source-document' && title) bubble.addSource(title);
  if (output?.said) bubble.addNote(output.said);
  if (type === 'abort') bubble.addNote('Stopped.');
  if (type === 'error') bubble.addProblem(errorText ?? 'The answer could not be finished.', retry);
}

/** @param {StoredMessage} message */
function storedBubble({ id, role, parts, state }) {
  if (role === 'user') return createVisitorBubble(parts.map(({ text }) => text ?? '').join('\n'));
  const bubble = createAnswerBubble();
  bubble.slot.name = id;
  for (const part of parts) showPart(bubble, part, () => undefined);
  if (state === 'interrupted') bubble.addNote('Stopped.');
  if (state === 'failed') bubble.addNote('This answer could not be finished.');
  void bubble.end();
  return bubble.element;
}
