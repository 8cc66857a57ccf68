import type { Passage } from '../search.ts';
import { type Words, splitWords } from '../words.ts';

/**
 * A passage below this score is not an answer (`search.ts` says what a score is). One that has every word of the question
 * once, in its text, has about 0.6; one that has half of the question's weight, half of that.
 */
export const ANSWER_SCORE_MIN = 0.26;
const ANSWER_CHARS_MAX = 360;
/** A second sentence must bring this share of the question's weight that the first one lacks. */
const SECOND_SENTENCE_SHARE = 0.15;

export interface PassageAnswer {
  text: string;
  passage: Passage;
}

/** What asks for an amount is answered by a sentence with one, even if that shares no word with the question. */
const AMOUNT_BONUS = 0.5;
const ASKS_AMOUNT = /\b(how much|prices?|priced|costs?|fees?|charge)\b/i;
const AMOUNT = /[$€£]\s?\d|\d\s?(?:[€£]|dollars|euros?|usd|eur)\b/i;

interface Scorer {
  /** The share of the question's weight whose words a text has, 0..1. */
  coverage(text: string): number;
  /** Coverage, and whether it is the kind of thing asked for. */
  fitness(text: string): number;
}

/** Sentences under one question of a FAQ, or those under none. */
interface Group {
  question: string;
  sentences: string[];
}

interface Asked {
  text: string;
  words: Words;
  weigh: (query: string) => Map<string, number>;
}

/** One or two sentences of the best passage that answer the question; undefined where no passage is about it. */
export function answerFromPassages(passages: Passage[], asked: Asked): PassageAnswer | undefined {
  const [best] = passages;
  if (!best || best.score < ANSWER_SCORE_MIN) return undefined;
  const scorer = createScorer(asked);
  const heading = best.heading.split(' > ').at(-1) ?? '';
  const groups = groupSentences(best.text, heading.endsWith('?') ? heading : '');
  const group = highest(groups, ({ question, sentences }) => scorer.coverage(`${question} ${sentences.join(' ')}`));
  if (!group) return undefined;
  const text = group.question ? leading(group.sentences) : mostFitting(group.sentences, heading, scorer);
  return text ? { text, passage: best } : undefined;
}

function createScorer({ text, words, weigh }: Asked): Scorer {
  const weights = weigh(text);
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0);
  const asksAmount = ASKS_AMOUNT.test(text);
  const coverage = (candidate: string) => {
    let covered = 0;
    for (const stem of new Set(words.stemsOf(splitWords(candidate)))) covered += weights.get(stem) ?? 0;
    return sum === 0 ? 0 : covered / sum;
  };
  return {
    coverage,
    fitness: (candidate) => coverage(candidate) + (asksAmount && AMOUNT.test(candidate) ? AMOUNT_BONUS : 0),
  };
}

function groupSentences(text: string, headingQuestion: string): Group[] {
  let current: Group = { question: headingQuestion, sentences: [] };
  const groups = [current];
  for (const line of text.split('\n')) {
    const plain = stripMarkdown(line);
    if (plain === '') continue;
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
function splitSentences(text: string): string[] {
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

function highest<Item>(items: Item[], score: (item: Item) => number): Item | undefined {
  let best: { item: Item; score: number } | undefined;
  for (const item of items) {
    const value = score(item);
    if (!best || value > best.score) best = { item, score: value };
  }
  return best?.item;
}
