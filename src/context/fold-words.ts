// Words that carry a question but name no product. Their Spanish sisters come with Spanish questions.
const STOP_WORDS = new Set(
  `a about all am an and any are as at be but by can could do does for from get give got has have how i if in is it its
  like me much my of on one or our please sell show some that the their them there these they this to us want was we what
  which who will with would you your`.split(/\s+/),
);

/**
 * The words of a text as products are searched by: lower case, without accents, plural endings cut, short and empty words
 * left out. Each once, in their order.
 */
export function foldWords(text: string): string[] {
  const words = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return [...new Set((words ?? []).filter((word) => !STOP_WORDS.has(word)).map(cutPlural))];
}

/** Cuts English plurals, the same way for products and questions, so that it need not be right, only equal. */
function cutPlural(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:sh|ch|x|ss)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !word.endsWith('ss')) return word.slice(0, -1);
  return word;
}
