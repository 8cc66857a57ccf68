const LIST_ITEM = /^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;
const HEADING = /^#{1,6}\s+/;
// Bold (one that isn't closed yet runs to the end of the line), a link, a bare address.
const INLINE = /\*\*(?=\S)(.+?)(?:\*\*|$)|\[([^[\]]+)\]\(([^\s()]+)\)|https?:\/\/[^\s<>()[\]]*[^\s<>()[\].,;:!?*"']/g;

/**
 * Children that are text stay text, never markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ [name: string]: string | number | boolean }} properties of the element, such as `className`
 * @param {...(Node | string)} children
 */
export function createElement(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * The small part of Markdown that answers use, as DOM nodes: paragraphs, lists, bold, links to http and https. Everything
 * else, HTML too, is shown as the text that it is. A text that is still growing renders as far as it goes.
 * @param {string} text
 */
export function renderMarkdown(text) {
  const fragment = document.createDocumentFragment();
  /** @type {HTMLElement | undefined} */
  let open;
  for (const line of text.split('\n')) {
    const item = LIST_ITEM.exec(line);
    if (line.trim() === '') {
      open = undefined;
    } else if (item !== null) {
      const [, number, words = ''] = item;
      const tag = number === undefined ? 'ul' : 'ol';
      if (open?.localName !== tag) {
        open = createElement(tag, Number(number) > 1 ? { start: Number(number) } : {});
        fragment.append(open);
      }
      open.append(createElement('li', {}, ...inlineNodes(words)));
    } else if (HEADING.test(line)) {
      fragment.append(createElement('p', {}, bold(line.replace(HEADING, ''))));
      open = undefined;
    } else if (open === undefined) {
      open = createElement('p', {}, ...inlineNodes(line.trim()));
      fragment.append(open);
    } else {
      const block = open.localName === 'p' ? open : open.lastElementChild;
      block?.append(createElement('br', {}), ...inlineNodes(line.trim()));
    }
  }
  return fragment;
}

/** @param {string} text */
function* inlineNodes(text) {
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, strong, label = whole, target = whole] = match;
    yield text.slice(from, match.index);
    yield strong === undefined ? link(whole, label, target) : bold(strong);
    from = match.index + whole.length;
  }
  yield text.slice(from);
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function bold(text) {
  return createElement('strong', {}, ...inlineNodes(text));
}

/**
 * @param {string} whole
 * @param {string} label
 * @param {string} target
 */
function link(whole, label, target) {
  const url = URL.parse(target);
  if (url === null || !/^https?:$/.test(url.protocol)) return whole;
  return createElement('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, label);
}
