import { createElement, sayError } from './dom.js';
import { createToldView } from './told-view.js';

/**
 * @typedef {import('../widget/api.js').Api} Api
 * @typedef {import('../widget/protocol.d.ts').AnswerDetail} AnswerDetail
 * @typedef {{ name: string | null, title: string, score: number, text: string }} Passage
 * @typedef {{ name: string, arguments: unknown, output: unknown }} Call
 * @typedef {{ told: { now: string, passages: readonly Passage[] } | null, calls: readonly Call[], assistantVersion: number,
 *   firstTextMs: number | null, totalMs: number }} Answer
 * @typedef {{ id: string, answer: Answer | null }} Message
 * @typedef {{ messages: readonly Message[], nextCursor: string | null }} Conversation `GET /v1/conversations/:id`
 */

/**
 * Puts "What the assistant was told" under each answer of the chat in an element.
 * @param {Api} api acting with the secret key
 * @param {HTMLElement} place
 */
export function tellWhy(api, place) {
  place.addEventListener('chatbusiness:answer', (event) => {
    const { threadId, messageId } = /** @type {CustomEvent<AnswerDetail>} */ (event).detail;
    const chat = place.querySelector('chat-business');
    const isShown = [...(chat?.children ?? [])].some(({ slot }) => slot === messageId);
    if (isShown) return;
    const told = createTold(messageId, () => findAnswer(api, threadId, messageId));
    chat?.append(told);
    // It lengthens an answer whose end was in view; who reads further up stays there.
    const isNear = told.getBoundingClientRect().top < place.getBoundingClientRect().bottom;
    if (isNear) told.scrollIntoView({ block: 'nearest' });
  });
}

/**
 * @param {string} messageId
 * @param {() => Promise<Answer | null>} read
 */
function createTold(messageId, read) {
  const time = createElement('span', 'told-time');
  const summary = createElement('summary', '', 'What the assistant was told', time);
  const body = createElement('div', 'told-body', 'Loading…');
  const details = createElement('details', 'told', summary, body);
  details.slot = messageId;

  async function load() {
    try {
      const answer = await read();
      if (answer !== null && answer.firstTextMs !== null)
        time.textContent = `first word after ${answer.firstTextMs} ms`;
      body.replaceChildren(answer === null ? 'This was not kept.' : createToldView(answer));
    } catch (error) {
      body.textContent = `It can’t be shown: ${sayError(error)}`;
    }
  }

  const loaded = load();
  details.addEventListener(
    'toggle',
    () => void loaded.then(() => details.open && details.scrollIntoView({ block: 'nearest' })),
  );
  return details;
}

/**
 * @param {Api} api
 * @param {string} threadId
 * @param {string} messageId
 */
async function findAnswer(api, threadId, messageId) {
  /** @type {string | null} */
  let cursor = '';
  while (cursor !== null) {
    const query = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    /** @type {Conversation} */
    const { messages, nextCursor } = await api.call('GET', `/v1/conversations/${threadId}${query}`);
    const message = messages.find(({ id }) => id === messageId);
    if (message !== undefined) return message.answer;
    cursor = nextCursor;
  }
  return null;
}
