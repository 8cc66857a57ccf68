import type { Passage } from '../search.ts';
import { inLanguage } from './language.ts';
import {
  type Asked,
  COVERAGE_MIN,
  FOR_SALE,
  highest,
  isQuestionHeading,
  lastHeading,
  type Scorer,
} from './passage-fit.ts';
import { PHRASES } from './phrases.ts';
import { asksAmount } from './question-kind.ts';
import { asSentence, splitSentences, stripMarkdown } from './sentences.ts';
import { readListedProduct } from './structured.ts';

const ANSWER_CHARS_MAX = 360;
/** A second sentence must bring this share of the question's weight that the first one lacks. */
const SECOND_SENTENCE_SHARE = 0.15;
/** Lines that sort and link a passage, and answer nothing. */
const METADATA = /^(tags?|category|categories|item number|sku|id|page|url|link|image): /i;
/** They answer what a product costs and whether it is there, and nothing else. */
const OFFER_LINE = /^(price|precio|stock): /i;
const ASKS_OFFER = /\b(stock|available|left|expensive|cheap)\b/i;
const ASKS_WHETHER = /^(do|does|can|could|may|will|would) (you|i|we)\b/i;
/** Of two questions that share so much one may be answered by the other's yes or no. */
const VERY_QUESTION_MIN = 0.6;
const YES_NO = /^(yes|no|sure|of course|certainly|absolutely|definitely|gladly|please do|sí)\b/i;

const ASKS_WHAT = /^(what|who|why|when|how)\b(?! about)/i;
export interface Quote {
  text: string;
  /** It answers another question than the visitor's, which it names. */
  isGuess: boolean;
}

/** Sentences under one question of a FAQ, or those under none. */
interface Group {
  question: string;
  sentences: string[];
}

/** What a passage says to what is asked, in one or two of its sentences; undefined where it says nothing. Pure. */
export function quote(passage: Passage, asked: Asked, scorer: Scorer): Quote | undefined {
  const heading = lastHeading(passage);
  const question = isQuestionHeading(heading) ? inLanguage(heading.replaceAll(' / ', '\n\n'), asked.language) : '';
  const isOffer = asksAmount(asked.text) || ASKS_OFFER.test(asked.text);
  const groups = groupSentences(inLanguage(passage.text, asked.language), question);
  const group = highest(groups, ({ question: own, sentences }) => scorer.coverage(`${own} ${sentences.join(' ')}`));
  if (!group) return undefined;
  if (group.question) return withQuestion(leading(group.sentences), group.question, asked, scorer);
  const told = isOffer ? [] : group.sentences.filter((sentence) => !OFFER_LINE.test(sentence));
  const isDescribed = FOR_SALE.test(passage.text) && told.length > 0;
  if (!isDescribed) return { text: mostFitting(group.sentences, heading, scorer), isGuess: false };
  const isTold = told.some((sentence) => scorer.adds(heading, sentence));
  const text = isTold ? mostFitting(told, heading, scorer) : leading(told);
  const price = ASKS_WHETHER.test(asked.text) ? readListedProduct(passage)?.price : undefined;
  return { text: `${heading}${price ? ` (${price})` : ''}: ${text.replace(`${heading}: `, '')}`, isGuess: false };
}

/** "Yes" to something else than was asked is told with what it is the answer to. */
function withQuestion(answer: string, question: string, asked: Asked, scorer: Scorer): Quote {
  const [coverage, precision] = [scorer.coverage(question), scorer.precision(question)];
  const isVery = coverage >= VERY_QUESTION_MIN || (coverage >= COVERAGE_MIN && precision >= VERY_QUESTION_MIN);
  const isAsked = isVery || (!YES_NO.test(answer) && scorer.coverage(`${question} ${answer}`) >= COVERAGE_MIN);
  const isDenied = /^no\b/i.test(answer) && ASKS_WHAT.test(asked.text);
  if (isAsked && !isDenied) return { text: answer, isGuess: false };
  return { text: PHRASES[asked.language].guess(question, answer), isGuess: true };
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
