import { createChat } from './chat.js';
import { createElement } from './dom.js';
import { chatStyles, FULL_SCREEN } from './styles.js';

/** @import { Chat, ChatOptions } from './protocol.d.ts' */

/**
 * The chat as a part of the page. Resolves when it can be used, or has said why it can't.
 * @param {ShadowRoot} root
 * @param {ChatOptions} options
 * @returns {Promise<Chat>}
 */
export async function showInline(root, options) {
  const section = createElement('section', { className: 'chat' });
  const { ask, ready } = createChat(section, options);
  root.adoptedStyleSheets.push(chatStyles);
  root.append(section);
  await ready;
  return { ask };
}

/**
 * The chat in a dialog beside its button; on a small screen the dialog fills it and is modal.
 * @param {ShadowRoot} root
 * @param {HTMLButtonElement} button
 * @param {ChatOptions & { openPlace: string }} options `openPlace`: where the tab's storage remembers that it is open
 */
export function createPanel(root, button, { openPlace, ...options }) {
  const dialog = createElement('dialog', { id: 'panel', className: 'chat' });
  const { head, question } = createChat(dialog, options);
  const closeButton = createElement('button', { className: 'close', ariaLabel: 'Close' }, '×');
  const fullScreen = matchMedia(FULL_SCREEN);
  const label = button.ariaLabel;
  head.append(closeButton);
  root.adoptedStyleSheets.push(chatStyles);
  root.append(dialog);
  button.setAttribute('aria-controls', 'panel');

  function open() {
    if (fullScreen.matches) dialog.showModal();
    else dialog.open = true; // show() would move the focus
    setOpen(true);
  }

  /** @param {boolean} isOpen */
  function setOpen(isOpen) {
    button.ariaExpanded = String(isOpen);
    button.ariaLabel = isOpen ? 'Close chat' : label;
    remember(openPlace, isOpen);
  }

  closeButton.addEventListener('click', () => dialog.close());
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener('close', () => {
    setOpen(false);
    button.focus();
  });

  return {
    toggle() {
      if (dialog.open) return dialog.close();
      open();
      question.focus();
    },

    /** As it was left on the page before: it takes neither the focus nor a whole screen. */
    reopen() {
      if (!fullScreen.matches) open();
    },
  };
}

/**
 * @param {string} place
 * @param {boolean} isOpen
 */
function remember(place, isOpen) {
  try {
    if (isOpen) sessionStorage.setItem(place, '');
    else sessionStorage.removeItem(place);
  } catch {
    // Storage may be closed to us; then each page begins with a closed chat.
  }
}
