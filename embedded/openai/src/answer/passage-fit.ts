import type { Passage } from '../search.ts';
import type { Language } from './language.ts';
import { asksCount, asksPerson, isOtherKind, tellsKind } from './question-kind.ts';
import { createRelevance, type Relevance, type Weighing } from './relevance.ts';
import { nameOf } from './say-products.ts';

/**
 * A passage below this score is not an answer (`search.ts` says what a score is). One that has every word of the question
 * once, in its text, has about 0.6; one that has half of the question's weight, half of that.
 */
const ANSWER_SCORE_MIN = 0.26;
/** A FAQ of which all words are asked may be asked with more of them: "How do I book?" for "can I book online with you?". */
const SHORT_QUESTION_SCORE_MIN = 0.2;
/** A passage with a smaller share of the question's telling words is about something else, unless its score is beyond doubt. */
export const COVERAGE_MIN = 0.4;
/** "Who …?" asks for a name, "how do I …?" for advice: what is for sale seldom says, so that nearly all has to be there. */
const COVERAGE_OF_WHO_MIN = 0.8;
const COVERAGE_OF_ADVICE_MIN = 0.75;
const SCORE_BEYOND_DOUBT = 0.6;
/** The same for a passage that is the answer to a question: found by its meaning, it may share no word with the visitor's. */
const FAQ_SCORE_BEYOND_DOUBT = 0.3;
/** What stands against something for sale where advice is asked. */
const ADVICE_MALUS = 0.3;
const ASKS_ADVICE = /\b(how (do|does|can|should|to|would)|why|should i|can i|may i)\b/i;
const ASKS_HOW = /\b(how (do|does|can|should|to|would)|why)\b/i;
export const FOR_SALE = /^(price|precio): /im;
/** What a heading that asks the visitor's very question adds to a passage's score, and what all that was asked. */
const HEADING_SHARE = 0.5;
const COVERAGE_SHARE = 0.2;
/** What it adds that the question names the product whose passage it is. */
const NAMED_BONUS = 0.3;
/** What stands against a passage without the kind of fact that is asked for. */
const KIND_MALUS = 0.3;

/** What asks for an amount or a time is answered by a sentence with one, even if that shares no word with the question. */
const KIND_BONUS = 0.5;

export interface Asked extends Weighing {
  text: string;
  language: Language;
}

export interface Scorer extends Relevance {
  /** Coverage, and whether it is the kind of thing asked for. */
  fitness(text: string): number;
  /** Whether a sentence has something of the question that its heading lacks. */
  adds(heading: string, sentence: string): boolean;
  isOtherKind(question: string): boolean;
}

/** How texts fit a question, by its words and by the kind of fact that it is after. */
export function createScorer(asked: Asked): Scorer {
  const relevance = createRelevance(asked.text, asked);
  const fitness = (text: string) => relevance.coverage(text) + (tellsKind(asked.text, text) ? KIND_BONUS : 0);
  return {
    ...relevance,
    fitness,
    adds: (heading, sentence) => fitness(`${heading} ${sentence}`) > fitness(heading),
    isOtherKind: (question) => isOtherKind(asked.text, question),
  };
}

/** Whether a passage is about what is asked. */
export function isAbout(passage: Passage, question: string, scorer: Scorer): boolean {
  const { score, text } = passage;
  const heading = lastHeading(passage);
  const coverage = scorer.coverage(wholeOf(passage));
  const isAskedShortly = isQuestionHeading(heading) && scorer.precision(heading) === 1 && coverage >= COVERAGE_MIN;
  if (score < (isAskedShortly ? SHORT_QUESTION_SCORE_MIN : ANSWER_SCORE_MIN)) return false;
  if (asksCount(question) && tellsKind(question, text) === false) return false;
  const isForSale = FOR_SALE.test(text);
  if (asksPerson(question)) return !isForSale && coverage >= COVERAGE_OF_WHO_MIN && tellsKind(question, text) !== false;
  if (isForSale && ASKS_ADVICE.test(question)) return coverage >= COVERAGE_OF_ADVICE_MIN;
  const isFaq = isQuestionHeading(heading) && !ASKS_HOW.test(question);
  return score >= (isFaq ? FAQ_SCORE_BEYOND_DOUBT : SCORE_BEYOND_DOUBT) || coverage >= COVERAGE_MIN;
}

/** Without the outer headings: the business's name is in all of them. */
export function wholeOf(passage: Passage): string {
  return `${lastHeading(passage)} ${passage.text}`;
}

export function lastHeading({ heading }: Passage): string {
  return heading.split(' > ').at(-1) ?? '';
}

export function isQuestionHeading(heading: string): boolean {
  return heading.endsWith('?');
}

/** How much of the question the passage's own question asks, 0..1; 0 where it has none. */
export function headingFit(passage: Passage, scorer: Scorer): number {
  const heading = lastHeading(passage);
  if (!isQuestionHeading(heading) || scorer.isOtherKind(heading)) return 0;
  return scorer.coverage(heading) * (0.5 + 0.5 * scorer.precision(heading));
}

/** How good an answer it would be, compared with other passages. */
export function worthOf(passage: Passage, question: string, scorer: Scorer): number {
  const { text, score } = passage;
  const isForSale = FOR_SALE.test(text);
  const isAdvice = ASKS_ADVICE.test(question);
  const coverage = scorer.coverage(wholeOf(passage));
  const named = isForSale && !isAdvice && isNamed(lastHeading(passage), scorer) ? NAMED_BONUS * coverage : 0;
  const forSale = isForSale && isAdvice ? ADVICE_MALUS : 0;
  const otherKind = tellsKind(question, text) === false ? KIND_MALUS : 0;
  const fit = HEADING_SHARE * headingFit(passage, scorer) + COVERAGE_SHARE * coverage;
  return score + fit + named - forSale - otherKind;
}

/** "Fern, Boston" is named by who says fern. */
function isNamed(heading: string, scorer: Scorer): boolean {
  return scorer.precision(nameOf(heading)) === 1;
}

export function highest<Item>(items: Item[], score: (item: Item) => number): Item | undefined {
  let best: { item: Item; score: number } | undefined;
  for (const item of items) {
    const value = score(item);
    if (!best || value > best.score) best = { item, score: value };
  }
  return best?.item;
}
