import type { Passage } from '../search.ts';
import { inLanguage, type Language } from './language.ts';
import { createRelevance, type Relevance, type Weighing } from './relevance.ts';

/**
 * A passage below this score is not an answer (`search.ts` says what a score is). One that has every word of the question
 * once, in its text, has about 0.6; one that has half of the question's weight, half of that.
 */
export const ANSWER_SCORE_MIN = 0.26;
const ANSWER_CHARS_MAX = 360;
/** A second sentence must bring this share of the question's weight that the first one lacks. */
const SECOND_SENTENCE_SHARE = 0.15;
/** A passage with a smaller share of the question's telling words is about something else, unless its score is beyond doubt. */
const COVERAGE_MIN = 0.4;
/** "Who …?" asks for a name, "how do I …?" for advice: what is for sale seldom says, so that nearly all has to be there. */
const COVERAGE_OF_WHO_MIN = 0.8;
const COVERAGE_OF_ADVICE_MIN = 0.75;
const SCORE_BEYOND_DOUBT = 0.6;
/** The same for a passage that is the answer to a question: found by its meaning, it may share no word with the visitor's. */
const FAQ_SCORE_BEYOND_DOUBT = 0.3;
/** What stands against something for sale where advice is asked. */
const ADVICE_MALUS = 0.3;
const ASKS_WHO = /^(and )?who(se|m)?\b/i;
const ASKS_ADVICE = /\b(how (do|does|can|should|to|would)|why|should i|can i|may i)\b/i;
const ASKS_HOW = /\b(how (do|does|can|should|to|would)|why)\b/i;
const FOR_SALE = /^(price|precio): /im;
/** What a heading that asks the visitor's very question adds to a passage's score. */
const HEADING_SHARE = 0.5;

export interface PassageAnswer {
  text: string;
  passage: Passage;
  /** How much of the question the passage's own question asks, 0..1; 0 where it has none. */
  headingFit: number;
  /** How much of what the question names is in the passage, 0..1. */
  coverage: number;
}

/** What asks for an amount is answered by a sentence with one, even if that shares no word with the question. */
const AMOUNT_BONUS = 0.5;
const ASKS_AMOUNT = /\b(how much|prices?|priced|costs?|fees?|charge)\b/i;
const AMOUNT = /[$€£]\s?\d|\d\s?(?:[€£]|dollars|euros?|usd|eur)\b/i;

/** Lines that sort and link a passage, and answer nothing. */
const METADATA = /^(tags?|category|categories|item number|sku|id|page|url|link|image): /i;

interface Scorer extends Relevance {
  /** Coverage, and whether it is the kind of thing asked for. */
  fitness(text: string): number;
}

/** Sentences under one question of a FAQ, or those under none. */
interface Group {
  question: string;
  sentences: string[];
}

interface Asked extends Weighing {
  text: string;
  language: Language;
}

/** One or two sentences of the best passage that answer the question; undefined where no passage is about it. */
export function answerFromPassages(passages: Passage[], asked: Asked): PassageAnswer | undefined {
  const scorer = createScorer(asked);
  const able = passages.filter((passage) => isAbout(passage, asked.text, scorer));
  const malus = ASKS_ADVICE.test(asked.text) ? ADVICE_MALUS : 0;
  const best = highest(
    able,
    (passage) =>
      passage.score + HEADING_SHARE * headingFit(passage, scorer) - (FOR_SALE.test(passage.text) ? malus : 0),
  );
  if (!best) return undefined;
  const heading = lastHeading(best);
  const question = isQuestionHeading(heading) ? inLanguage(heading.replaceAll(' / ', '\n\n'), asked.language) : '';
  const groups = groupSentences(inLanguage(best.text, asked.language), question);
  const group = highest(groups, ({ question: own, sentences }) => scorer.coverage(`${own} ${sentences.join(' ')}`));
  if (!group) return undefined;
  const text = group.question ? leading(group.sentences) : mostFitting(group.sentences, heading, scorer);
  const coverage = scorer.coverage(`${best.heading} ${best.text}`);
  return text ? { text, passage: best, headingFit: headingFit(best, scorer), coverage } : undefined;
}

function isAbout({ score, heading, text }: Passage, question: string, scorer: Scorer): boolean {
  if (score < ANSWER_SCORE_MIN) return false;
  const isForSale = FOR_SALE.test(text);
  const coverage = scorer.coverage(`${heading} ${text}`);
  if (ASKS_WHO.test(question)) return !isForSale && coverage >= COVERAGE_OF_WHO_MIN;
  if (isForSale && ASKS_ADVICE.test(question)) return coverage >= COVERAGE_OF_ADVICE_MIN;
  const isFaq = isQuestionHeading(heading) && !ASKS_HOW.test(question);
  return score >= (isFaq ? FAQ_SCORE_BEYOND_DOUBT : SCORE_BEYOND_DOUBT) || coverage >= COVERAGE_MIN;
}

function lastHeading({ heading }: Passage): string {
  return heading.split(' > ').at(-1) ?? '';
}

function isQuestionHeading(heading: string): boolean {
  return heading.endsWith('?');
}

function headingFit(passage: Passage, scorer: Scorer): number {
  const heading = lastHeading(passage);
  if (!isQuestionHeading(heading)) return 0;
  return scorer.coverage(heading) * (0.5 + 0.5 * scorer.precision(heading));
}

function createScorer(asked: Asked): Scorer {
  const relevance = createRelevance(asked.text, asked);
  const asksAmount = ASKS_AMOUNT.test(asked.text);
  return {
    ...relevance,
    fitness: (candidate) => relevance.coverage(candidate) + (asksAmount && AMOUNT.test(candidate) ? AMOUNT_BONUS : 0),
  };
}

function groupSentences(text: string, headingQuestion: string): Group[] {
  let current: Group = { question: headingQuestion, sentences: [] };
  const groups = [current];
  for (const line of text.split('\n')) {
    const plain = stripMarkdown(line);
    if (plain === '' || METADATA.test(plain)) continue;
    if (plain.endsWith('?') && plain.length < 200) {
      current = { question: plain, sentences: [] };
      groups.push(current);
    } else {
      current.sentences.push(...splitSentences(plain.replace(/^a(nswer)?:\s+/i, '')));
    }
  }
  return groups.filter(({ sentences }) => sentences.length > 0);
}

/** A line of Markdown as a person would say it. */
export function stripMarkdown(line: string): string {
  if (/^\s*\|?[\s|:-]+\|?\s*$/.test(line)) return '';
  return line
    .replace(/^\s*(?:[-*+]|\d+[.)]|>|#{1,6})\s+/, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`)/g, '')
    .replace(/(?<![\w*])[*_](\S(?:[^*_]*\S)?)[*_](?![\w*])/g, '$1')
    .replace(/^\s*\|\s*|\s*\|\s*$/g, '')
    .replace(/\s*\|\s*/g, ', ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** At full stops before a new beginning, so that "$4.50", "e.g. rye" and "7 a.m. to" stay whole. */
export function splitSentences(text: string): string[] {
  return text.split(/(?<=[.!?]["”)]?)\s+(?=["“(]?[\p{Lu}\p{N}])/u).filter((sentence) => sentence !== '');
}

/** A FAQ's answer from its beginning: whole if it is short, otherwise two sentences. */
function leading(sentences: string[]): string {
  const whole = sentences.map(asSentence).join(' ');
  if (whole.length <= ANSWER_CHARS_MAX) return whole;
  return sentences.slice(0, 2).map(asSentence).join(' ');
}

function mostFitting(sentences: string[], heading: string, scorer: Scorer): string {
  const indexes = sentences.keys().toArray();
  const first = highest(indexes, (at) => scorer.fitness(sentences[at] ?? ''));
  if (first === undefined) return '';
  const lead = sentences[first] ?? '';
  if (lead.endsWith(':') && first + 1 < sentences.length) return announced(sentences.slice(first));
  const together = (at: number) => scorer.coverage(`${heading} ${lead} ${sentences[at] ?? ''}`);
  const second = highest(
    indexes.filter((at) => at !== first),
    together,
  );
  const isWorthIt = second !== undefined && together(second) - together(first) >= SECOND_SENTENCE_SHARE;
  const chosen = isWorthIt ? [first, second].sort((a, b) => a - b) : [first];
  return withSubject(chosen.map((at) => asSentence(sentences[at] ?? '')).join(' '), heading, scorer);
}

/** "We bake these:" without its list would say nothing. */
function announced([lead = '', ...items]: string[]): string {
  let text = lead;
  for (const [at, item] of items.entries()) {
    const next = `${text}${at === 0 ? ' ' : ', '}${item.replace(/\.$/, '')}`;
    if (next.length > ANSWER_CHARS_MAX) break;
    text = next;
  }
  return asSentence(text);
}

/** "Price: $7.50" says whose only with its heading. */
function withSubject(text: string, heading: string, scorer: Scorer): string {
  const isLabelled = /^[\p{L} ]{1,24}: /u.test(text);
  const bringsMore = scorer.coverage(`${heading} ${text}`) > scorer.coverage(text);
  return heading && (isLabelled || bringsMore) && !heading.endsWith('?') ? `${heading}: ${text}` : text;
}

function asSentence(text: string): string {
  return /[.!?:…]["”)]?$/.test(text) ? text : `${text}.`;
}

export function highest<Item>(items: Item[], score: (item: Item) => number): Item | undefined {
  let best: { item: Item; score: number } | undefined;
  for (const item of items) {
    const value = score(item);
    if (!best || value > best.score) best = { item, score: value };
  }
  return best?.item;
}
