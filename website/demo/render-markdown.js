const LIST_ITEM = /^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;
// Bold (one that isn't closed yet runs to the end of the line), a link, a bare address.
const INLINE = /\*\*(?=\S)(.+?)(?:\*\*|$)|\[([^[\]]+)\]\(([^\s()]+)\)|https?:\/\/[^\s<>()[\]]*[^\s<>()[\].,;:!?*"']/g;

/**
 * The small part of Markdown that answers use, as DOM nodes: paragraphs, lists, bold, links to http and https. Everything
 * else, HTML too, is shown as the text that it is. A text that is still growing renders as far as it goes.
 * @param {string} text
 * @returns {DocumentFragment}
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
      open = listFor(item[1], open, fragment);
      open.append(withInline(document.createElement('li'), item[2] ?? ''));
    } else if (HEADING.test(line)) {
      const heading = document.createElement('strong');
      fragment.append(wrap('p', withInline(heading, line.replace(HEADING, '$1'))));
      open = undefined;
    } else {
      open = continueBlock(open, fragment);
      withInline(open, line.trim());
    }
  }
  return fragment;
}

/**
 * The list that an item belongs to: the open one if it is of the same kind.
 * @param {string | undefined} number
 * @param {HTMLElement | undefined} open
 * @param {DocumentFragment} fragment
 */
function listFor(number, open, fragment) {
  const tag = number === undefined ? 'ul' : 'ol';
  if (open?.localName === tag) return open;
  const list = document.createElement(tag);
  if (list instanceof HTMLOListElement && number !== '1') list.start = Number(number);
  fragment.append(list);
  return list;
}

/**
 * Where a line of plain text goes: on in the open paragraph or list item, else into a new paragraph.
 * @param {HTMLElement | undefined} open
 * @param {DocumentFragment} fragment
 * @returns {HTMLElement}
 */
function continueBlock(open, fragment) {
  if (open === undefined) {
    const paragraph = document.createElement('p');
    fragment.append(paragraph);
    return paragraph;
  }
  const last = open.localName === 'p' ? open : open.lastElementChild;
  if (!(last instanceof HTMLElement)) return open;
  last.append(document.createElement('br'));
  return last;
}

/**
 * @param {HTMLElement} parent
 * @param {string} text
 */
function withInline(parent, text) {
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, label, target] = match;
    parent.append(text.slice(from, match.index), inlineNode(whole, bold, label, target));
    from = match.index + whole.length;
  }
  parent.append(text.slice(from));
  return parent;
}

/**
 * @param {string} whole
 * @param {string | undefined} bold
 * @param {string | undefined} label
 * @param {string | undefined} target
 * @returns {Node | string}
 */
function inlineNode(whole, bold, label, target) {
  if (bold !== undefined) return withInline(document.createElement('strong'), bold);
  const url = URL.parse(target ?? whole);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return whole;
  const link = document.createElement('a');
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
  link.append(label ?? whole);
  return link;
}

/**
 * @param {'p'} tag
 * @param {Node} child
 */
function wrap(tag, child) {
  const element = document.createElement(tag);
  element.append(child);
  return element;
}
