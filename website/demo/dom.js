/**
 * The first element that fits.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E}
 * @throws {Error} when the page has none
 */
export function getElement(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`The page has no ${selector}`);
  return element;
}

/**
 * A copy of what a template of the page holds: its one element.
 * @param {string} id
 */
export function cloneTemplate(id) {
  const { content } = getElement(document, `template#${id}`, HTMLTemplateElement);
  const copy = document.importNode(content, true).firstElementChild;
  if (!(copy instanceof HTMLElement)) throw new Error(`The template ${id} is empty`);
  return copy;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {...(Node | string)} children text is text, never markup
 */
export function createElement(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/**
 * A button that does something on the page and submits nothing.
 * @param {string} className
 * @param {string} words what is seen
 * @param {() => void} onClick
 * @param {string} [label] its whole name, where what is seen is short
 */
export function createButton(className, words, onClick, label) {
  const button = createElement('button', className, words);
  button.type = 'button';
  if (label !== undefined) button.ariaLabel = label;
  button.addEventListener('click', onClick);
  return button;
}

/** @param {unknown} error */
export function sayError(error) {
  return error instanceof Error ? error.message : 'no answer';
}
