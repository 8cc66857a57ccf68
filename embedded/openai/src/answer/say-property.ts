import type { Language } from './language.ts';
import { inLanguage } from './language.ts';
import { asksCount, tellsKind } from './question-kind.ts';
import { splitWords } from '../words.ts';
import { splitSentences } from './sentences.ts';
import type { PropertyAsk } from './property-ask.ts';
import { createRelevance, type Weighing } from './relevance.ts';
import type { FoundProduct } from './structured.ts';

const CHARS_MAX = 360;
/** What may hurt is told by its kinds as well: who asks for nuts must read of walnuts. */
const KINDS: Record<string, string> = {
  nut: 'almond almonds walnut walnuts hazelnut hazelnuts pecan pecans cashew pistachio nuts peanut peanuts chestnut',
  nuts: 'almond almonds walnut walnuts hazelnut hazelnuts pecan pecans cashew pistachio nut peanut peanuts chestnut',
  gluten: 'wheat rye barley flour gluten celiac',
  dairy: 'milk butter cheese cream dairy',
  lactose: 'milk butter cheese cream dairy',
  egg: 'egg eggs',
  vegan: 'vegan milk butter egg eggs honey meat dairy animal',
  vegetarian: 'vegetarian meat ham fish chicken beef animal',
};
const CONTENTS = /\b(contains?|ingredients?|made (of|with|without|from)|without)\b/i;

/** What a product's description says to what is asked; undefined where it says nothing. Pure. */
export function sayProperty(
  { name, description }: FoundProduct,
  { property, text }: PropertyAsk,
  weighing: Weighing & { language: Language },
): string | undefined {
  const sentences = splitSentences(
    inLanguage(description ?? '', weighing.language)
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
  if (sentences.length === 0) return undefined;
  const isTold = tellsKind(text, sentences.join(' '));
  if (isTold === false) return undefined;
  // A number tells how many pages there are only where it is said of pages.
  const counted = asksCount(text) && property !== null ? createRelevance(property, weighing) : undefined;
  if (isTold === true) {
    const telling = sentences.filter((sentence) => tellsKind(text, sentence) && (counted?.coverage(sentence) ?? 1) > 0);
    return telling.length === 0 ? undefined : `${name}: ${cut(telling)}`;
  }
  if (property === null) return `${name}: ${cut(sentences)}`;
  const kinds = property.split(/[^a-z]+/).flatMap((word) => (Object.hasOwn(KINDS, word) ? [KINDS[word]] : []));
  const named = new Set(splitWords(name));
  const asked = splitWords(property).filter((word) => !named.has(word));
  const relevance = createRelevance([...asked, ...kinds].join(' '), weighing);
  const told = sentences.filter((sentence) => CONTENTS.test(sentence) || relevance.coverage(sentence) > 0);
  return told.length === 0 ? undefined : `${name}: ${cut(told)}`;
}

function cut(sentences: string[]): string {
  let text = '';
  for (const sentence of sentences) {
    if (text !== '' && text.length + sentence.length > CHARS_MAX) break;
    text += `${text ? ' ' : ''}${sentence}`;
  }
  return text;
}
