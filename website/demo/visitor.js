import { cloneTemplate, getElement } from './dom.js';
import { tellWhy } from './told.js';

/** @typedef {import('../widget/protocol.d.ts').ChatBusiness} ChatBusiness */

/**
 * The visitor's side: the widget, as any page may have it, and under each answer what it rests on.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {string} key the publishable one
 */
export function createVisitor(api, key) {
  const element = cloneTemplate('chat');
  const place = getElement(element, '.widget', HTMLElement);
  const {
    promise: chat,
    resolve,
    reject,
  } = /** @type {PromiseWithResolvers<import('../widget/protocol.d.ts').Chat>} */ (Promise.withResolvers());
  tellWhy(api, place);
  showScript(element, key);

  return {
    element,

    /** @param {string} question */
    ask: async (question) => (await chat).ask(question),

    /** Once it is on the page. */
    async start() {
      const { ChatBusiness } = /** @type {Window & { ChatBusiness?: ChatBusiness }} */ (window);
      if (ChatBusiness === undefined) throw new Error('the widget is missing');
      ChatBusiness.mount(place, { key }).then(resolve, reject);
      await Promise.all([chat, showEngine(api, getElement(element, '.engine-note', HTMLElement))]);
    },
  };
}

/**
 * The line that shows the same chat on another page, to be copied.
 * @param {HTMLElement} chat
 * @param {string} key
 */
function showScript(chat, key) {
  const line = `<script src="${location.origin}/widget.js" data-key="${key}" async></script>`;
  const field = getElement(chat, '.script-line', HTMLTextAreaElement);
  const button = getElement(chat, '.copy', HTMLButtonElement);
  const state = getElement(chat, '.copy-state', HTMLElement);
  field.value = line;
  field.addEventListener('focus', () => field.select());
  button.addEventListener('click', () => {
    field.focus();
    navigator.clipboard.writeText(line).then(
      () => (state.textContent = 'Copied'),
      () => (state.textContent = 'Selected: copy it with your keyboard'),
    );
  });
}

/**
 * Says when no language model answers, so that nobody judges one by it.
 * @param {import('../widget/api.js').Api} api
 * @param {HTMLElement} element
 */
async function showEngine(api, element) {
  try {
    /** @type {{ model: string }} */
    const { model } = await api.call('GET', '/v1/assistant');
    element.textContent = model.startsWith('embedded-')
      ? 'Answered by the built-in engine: it finds and quotes, it is no language model.'
      : `Answered by ${model}.`;
  } catch {
    element.remove();
  }
}
