import type { FileCitation } from '../response-object.ts';
import type { Passage } from '../search.ts';
import type { CompareAsk } from './compare-ask.ts';
import type { Conversation } from './conversation.ts';
import { detectLanguage, type Language } from './language.ts';
import { answerFromPassages, type PassageAnswer } from './passage-answer.ts';
import { highest } from './passage-fit.ts';
import { PHRASES } from './phrases.ts';
import type { Plan, Step } from './plan.ts';
import { beyondHours, type HoursAsk } from './hours-ask.ts';
import { createRelevance, type Weighing } from './relevance.ts';
import type { ContactField } from './contact-ask.ts';
import { findContact } from './say-contact.ts';
import { sayDayHours } from './say-hours.ts';
import { chooseProducts, sayComparison } from './say-products.ts';
import { readDayHours, readProducts } from './structured.ts';
import type { Ask } from './understand.ts';
import { findHolidays, findWeek } from './week-hours.ts';
import { wordProducts } from './word-products.ts';
import { hasFailed, type Part, wordResult } from './word-result.ts';

export interface Wording {
  text: string;
  citations: FileCitation[];
}

/** What an answer is worded from. */
export interface Told extends Weighing {
  plan: Plan;
  conversation: Conversation;
  today: Temporal.PlainDate;
  /** The passages of each of the plan's queries, best first. */
  found: Passage[][];
}

interface StepTold extends Told {
  language: Language;
  /** What was searched for this step, and the passages of each. */
  queries: string[];
  passages: Passage[][];
  /** What each of them counts. */
  weights: number[];
}

/** A question that has this share of what was named asks for it. */
const NAMED_MIN = 0.8;

/** Puts what was found into words, with a citation where each quoted passage ends. Pure. */
export function wordAnswer(told: Told): Wording {
  const language = detectLanguage(told.conversation.question);
  const steps: Step[] = told.plan.steps.length > 0 ? told.plan.steps : [{ ask: { kind: 'greeting', text: '' } }];
  const parts: Part[] = [];
  for (const [at, step] of steps.entries()) {
    const lookUps = step.lookUps ?? [];
    const queries = lookUps.map((lookUp) => told.plan.queries[lookUp.at] ?? '');
    const passages = lookUps.map((lookUp) => told.found[lookUp.at] ?? []);
    const weights = lookUps.map(({ weight }) => weight);
    const compared = wordComparison(steps, at, told);
    if (compared === 'told') continue;
    const part = compared ?? wordStep(step, { ...told, language, queries, passages, weights });
    if (!parts.some(({ text }) => text === part.text)) parts.push(part);
  }
  return join(withoutDoubleOffer(parts, language));
}

/** Of two things asked, one known: the other is declined once, in its place. */
function withoutDoubleOffer(parts: Part[], language: Language): Part[] {
  const { unknown } = PHRASES[language];
  return parts.filter(({ text }, at) => text !== unknown || parts.findIndex((part) => part.text === text) === at);
}

function wordStep(step: Step, told: StepTold): Part {
  const { ask, result } = step;
  const failed = result && hasFailed(result) ? wordResult(result, told.language) : undefined;
  if (failed !== undefined) return { text: failed };
  if (ask.kind === 'hours') return wordHours(step, told);
  if (ask.kind === 'contact') return wordContact(ask.field, told);
  if (ask.kind === 'products') return wordProducts(ask, result, told, () => bestAnswer(told));
  if (result) return { text: wordResult(result, told.language) };
  return ask.kind === 'other' ? wordPassage(told) : { text: wordKnown(ask, told) };
}

/** The answer of that among the question and its variants whose passage fits best; the visitor's own words count most. */
function bestAnswer({ passages, queries, weights, language, words, weigh }: StepTold): PassageAnswer | undefined {
  const answers = passages.flatMap((each, at) => {
    const answer = answerFromPassages(each, { text: queries[at] ?? '', language, words, weigh });
    return answer ? [{ answer, weight: weights[at] ?? 1 }] : [];
  });
  const best = highest(answers, ({ answer, weight }) => weight * (answer.passage.score + answer.headingFit))?.answer;
  // What one query finds by nearness, another one asks in the passage's own words.
  const same = answers.filter(({ answer }) => answer.passage.chunkId === best?.passage.chunkId);
  return same.find(({ answer }) => !answer.isGuess)?.answer ?? best;
}

function wordPassage(told: StepTold): Part {
  return bestAnswer(told) ?? { text: PHRASES[told.language].unknown };
}

/** By another way where the asked one isn't known: who wants to write will rather call than hear nothing. */
function wordContact(field: ContactField, told: StepTold): Part {
  const passages = told.passages.flat();
  const asked = findContact(passages, field, told.language);
  if (asked) return asked;
  const others = (['phone', 'email', 'address'] as const).map((other) => findContact(passages, other, told.language));
  const other = others.find((answer) => answer !== undefined);
  if (!other) return wordPassage(told);
  return { ...other, text: `${PHRASES[told.language].noContact} ${other.text}` };
}

function wordHours({ ask, result }: Step, told: StepTold): Part {
  if (ask.kind !== 'hours') return { text: '' };
  const { language, today, passages } = told;
  const answer = ask.scope === 'week' ? bestAnswer(told) : undefined;
  if (answer && isAskedByName(answer, ask, told)) return answer;
  const listed =
    ask.scope === 'week'
      ? findWeek(passages.flat(), language)
      : ask.scope === 'holidays'
        ? findHolidays(passages.flat(), today)
        : undefined;
  if (listed) return listed;
  const day = result && readDayHours(result.output);
  if (day) return { text: sayDayHours(day, ask, today, language) };
  if (result) return { text: wordResult(result, language) };
  return bestAnswer(told) ?? { text: hoursFact(ask.date, told.conversation.facts) ?? PHRASES[language].unknown };
}

/** "When do you close for the season?" asks more than the hours, and a FAQ may say it. */
function isAskedByName({ passage }: PassageAnswer, { text }: HoursAsk, told: StepTold): boolean {
  const beside = beyondHours(text);
  const heading = passage.heading.split(' > ').at(-1) ?? '';
  return beside !== '' && heading.endsWith('?') && createRelevance(beside, told).coverage(heading) >= NAMED_MIN;
}

/** Two sides that were both found are told in one sentence, at the place of the first. */
function wordComparison(steps: Step[], at: number, told: Told): Part | 'told' | undefined {
  const first = steps.findIndex(isSide);
  if (!isSide(steps[at]) || first === -1 || !isSide(steps[first + 1])) return undefined;
  const [a, b] = [steps[first], steps[first + 1]].map((step) => {
    const query = step?.ask.kind === 'products' ? step.ask.query : null;
    return chooseProducts(readProducts(step?.result?.output ?? '')?.products ?? [], query, told).products[0];
  });
  if (a === undefined || b === undefined) return undefined;
  return at === first ? { text: sayComparison([a, b], steps[first]?.ask as CompareAsk) } : 'told';
}

function isSide(step: Step | undefined): boolean {
  return step?.ask.kind === 'products' && step.ask.wish === 'compare';
}

function wordKnown(ask: Ask, { conversation: { instructions }, language }: StepTold): string {
  const phrases = PHRASES[language];
  switch (ask.kind) {
    case 'greeting':
      return (language === 'en' && /^\s*greeting:\s*(\S.*)$/im.exec(instructions)?.[1]?.trim()) || phrases.welcome;
    case 'thanks':
      return phrases.thanks;
    case 'goodbye':
      return phrases.goodbye;
    case 'identity':
      return phrases.identity;
    case 'off-topic':
      return phrases.offTopic;
    default:
      return phrases.unknown;
  }
}

/** Without a function for opening hours, what the developer said is true now can still answer for now. */
function hoursFact(date: string | null, facts: string[]): string | undefined {
  if (date !== null) return undefined;
  const lines = facts.toReversed().flatMap((fact) => fact.split('\n'));
  return lines.find((line) => /\b(open|closed)\b/i.test(line))?.trim();
}

function join(parts: Part[]): Wording {
  let text = '';
  const citations: FileCitation[] = [];
  for (const part of parts) {
    text += `${text ? '\n\n' : ''}${part.text}`;
    if (!part.passage) continue;
    const { fileId, filename } = part.passage;
    citations.push({ type: 'file_citation', file_id: fileId, filename, index: text.length });
  }
  return { text, citations };
}
