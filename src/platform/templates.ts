import { readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';

const root = path.join(import.meta.dirname, '..', '..', 'templates');

/**
 * Compiles `templates/NAME.hbs`. The output is Markdown or plain text, so nothing is HTML-escaped; a template puts owners' words
 * through `line` or `block`, which keep them in their place. A name that the data lack throws.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says which data its template takes
export function loadTemplate<Data extends object>(name: string): (data: Data) => string {
  const source = readFileSync(path.join(root, `${name}.hbs`), 'utf8');
  const render = handlebars.compile<Data>(source, { noEscape: true, strict: true, knownHelpersOnly: false });
  return (data) =>
    `${render(data)
      .replaceAll(/[ \t]+$/gm, '')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim()}\n`;
}

const handlebars = Handlebars.create();
handlebars.registerHelper('line', (text: string) => toLine(text));
handlebars.registerHelper('block', (text: string) => toBlock(text));
handlebars.registerHelper('list', (items: readonly string[]) => items.map(toLine).join(', '));

/** Words on one line: line breaks become spaces, control characters go. */
export function toLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/**
 * Several lines that stay a paragraph: a line that Markdown would read as a heading (or the underline of one), a rule, a fence,
 * a quote or HTML gets a backslash, so that an owner's text can't open a section of its own.
 */
export function toBlock(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((row) => toLine(row).replace(/^(#|>|<|=+$|-+$|\*{3,}|-{3,}|_{3,}|`{3,}|~{3,})/, '\\$1'))
    .join('\n')
    .replaceAll(/\n{2,}/g, '\n\n')
    .trim();
}
