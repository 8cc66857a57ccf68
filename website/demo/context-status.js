import { createButton, createElement } from './dom.js';

/** @type {Record<import('./context-watch.js').Phase, string>} */
const WORDS = {
  known: 'The assistant knows all of this.',
  updating: 'Updating the assistant…',
  failed: 'Updating the assistant failed. Trying again…',
  unseen: 'The state of the assistant can’t be seen right now. Trying again…',
};

/**
 * Says whether the assistant knows what is saved, and offers to ask about what was changed last.
 * @param {HTMLElement} element
 * @param {(question: string) => void} ask asks the assistant
 */
export function createContextStatus(element, ask) {
  /** @type {string | undefined} */
  let question;
  let shown = '';

  return {
    /** @param {string} asked */
    setQuestion(asked) {
      question = asked;
    },

    /** @param {import('./context-watch.js').Phase} phase */
    show(phase) {
      if (shown === phase + question) return; // said once, not at each look
      shown = phase + question;
      element.dataset['state'] = phase;
      const offer = createOffer(question, phase === 'known', ask);
      element.replaceChildren(createElement('span', 'context-words', WORDS[phase]), offer);
    },
  };
}

/**
 * @param {string | undefined} question
 * @param {boolean} isKnown
 * @param {(question: string) => void} ask
 */
function createOffer(question, isKnown, ask) {
  if (question === undefined) return createElement('span', 'context-hint', 'Change something, and then ask about it.');
  const button = createButton('button button-quiet', `Ask: ${question}`, () => ask(question));
  button.disabled = !isKnown;
  return button;
}
