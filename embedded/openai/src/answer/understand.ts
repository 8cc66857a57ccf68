import type { CompareAsk } from './compare-ask.ts';
import { findCompareAsks } from './compare-ask.ts';
import { type ContactAsk, findContactAsks } from './contact-ask.ts';
import type { Conversation } from './conversation.ts';
import { continueProducts, continueQuestion, resolveProducts, resolvePronoun } from './follow-up.ts';
import { findHoursAsks, type HoursAsk } from './hours-ask.ts';
import { detectLanguage, translateFrame } from './language.ts';
import { normalize } from './normalize.ts';
import { findPersonAsk, type PersonAsk, toPersonAsk } from './person-ask.ts';
import { toPlainQuestion } from './plain-question.ts';
import { findBareAsk, findProductAsk, type ProductAsk } from './product-ask.ts';
import { findPropertyAsk, type PropertyAsk } from './property-ask.ts';
import { findGreeting, findSmallTalk, type SmallTalk } from './small-talk.ts';

export interface OtherAsk {
  kind: 'other';
  text: string;
}

/** One thing that a visitor wants. */
export type Ask = HoursAsk | ProductAsk | PropertyAsk | CompareAsk | ContactAsk | PersonAsk | SmallTalk | OtherAsk;

const ASKS_MAX = 4;
/** By these words `word.ts` offers to pass a question on, and a "yes" after them is a wish for a person. */
export const HANDOVER_OFFER = 'pass your question on to the team';
export const HANDOVER_OFFER_ES = 'pase su pregunta al equipo';

const YES = /^(yes|yeah|yep|sure|ok|okay|please do|please|si|sí)\b[^?]{0,80}$/i;
const QUESTION_START =
  /^(and |so |but |ok |okay |please )?(what|when|where|which|who|whom|whose|why|how|do|does|did|is|are|am|can|could|will|would|should|may|any|anything|tell|show|give|list|explain|describe|compare|i want|i need|i'd like|i am looking|i'm looking|looking|ignore|write)\b/i;
const SPLIT =
  /(?<=[?!])\s+|(?<=\.)\s+(?=\P{Ll})|\n+|[,;]?\s+(?:and|also|plus)\s+(?=(?:do|does|are|is|can|could|how much|how do|what|when|where|which|who|will)\b)/iu;

/** Takes a visitor's message apart into the things it asks. Pure: the same words on the same day mean the same. */
export function understand(conversation: Conversation, today: Temporal.PlainDate): Ask[] {
  const accepted = acceptedOffer(conversation);
  if (accepted) return [accepted];
  const asks = keepOnePerson(classifyAll(splitAsks(conversation.question), conversation, today), conversation);
  const substantial = asks.filter(({ kind }) => kind !== 'greeting' && kind !== 'thanks' && kind !== 'goodbye');
  if (substantial.length === 0) return asks.slice(0, 1);
  if (substantial.some(({ kind }) => kind === 'off-topic'))
    return substantial.filter(({ kind }) => kind === 'off-topic');
  const questions = substantial.filter((ask) => ask.kind !== 'other' || isQuestion(ask.text));
  const wanted: Ask[] = questions.length > 0 ? questions : [{ kind: 'other', text: conversation.question }];
  return withoutDoubles(wanted).slice(0, ASKS_MAX);
}

function acceptedOffer({ earlier, question }: Conversation): PersonAsk | undefined {
  const last = earlier.at(-1);
  if (last?.role !== 'assistant' || !YES.test(question.trim())) return undefined;
  if (!last.text.includes(HANDOVER_OFFER) && !last.text.includes(HANDOVER_OFFER_ES)) return undefined;
  const asked = earlier.findLast(({ role }) => role === 'user')?.text ?? question;
  const left = findPersonAsk(question);
  return { ...toPersonAsk(asked, { email: left?.email ?? null, phone: left?.phone ?? null }), text: question };
}

/** A wish for a person and the address on the next line are one wish. */
function keepOnePerson(asks: Ask[], { question }: Conversation): Ask[] {
  if (!asks.some(({ kind }) => kind === 'person')) return asks;
  const whole = findPersonAsk(question);
  const rest = asks.filter((ask) => ask.kind !== 'person' && (ask.kind !== 'other' || isQuestion(ask.text)));
  return whole ? [...rest, whole] : asks;
}

function splitAsks(message: string): string[] {
  return message
    .split(SPLIT)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part));
}

/** In their order, each with those before it as what the thread has said: "do you deliver, and what does it cost?". */
function classifyAll(parts: string[], conversation: Conversation, today: Temporal.PlainDate): Ask[] {
  const asks: Ask[] = [];
  for (const [at, part] of parts.entries()) {
    const said = parts.slice(0, at).map((text) => ({ role: 'user' as const, text }));
    asks.push(...classify(part, { ...conversation, earlier: [...conversation.earlier, ...said] }, today));
  }
  // What one part continues of another is asked once, with both.
  return asks.filter(
    (ask, at) => ask.kind !== 'other' || !asks.slice(at + 1).some((later) => isContinued(ask.text, later)),
  );
}

function isContinued(text: string, later: Ask): boolean {
  return later.kind === 'other' && later.text.startsWith(`${text.replace(/[?.!\s]+$/, '')}, `);
}

function classify(part: string, conversation: Conversation, today: Temporal.PlainDate): Ask[] {
  const text = normalize(detectLanguage(part) === 'es' ? translateFrame(part) : part);
  const greeting = findGreeting(text);
  if (greeting !== undefined) {
    const rest = text.slice(greeting.length);
    return [{ kind: 'greeting', text: part }, ...(rest ? classify(rest, conversation, today) : [])];
  }
  const talk = findSmallTalk(text);
  if (talk) return [talk];
  const person = findPersonAsk(text);
  if (person) return [{ ...person, text: part, reason: part }];
  const isSpanish = detectLanguage(part) === 'es';
  const plain = isSpanish ? text : toPlainQuestion(text);
  const asks = findBusinessAsks(plain, conversation, today);
  return asks ?? [{ kind: 'other', text: isSpanish ? part : resolvePronoun(plain, conversation.earlier) }];
}

function findBusinessAsks(
  text: string,
  { earlier, facts }: Conversation,
  today: Temporal.PlainDate,
): Ask[] | undefined {
  const compared = findCompareAsks(text);
  if (compared.length > 0) return compared;
  const hours = findHoursAsks(text, today, facts);
  if (hours.length > 0) return hours;
  const contacts = findContactAsks(text);
  if (contacts.length > 0) return contacts;
  const products = findPropertyAsk(text) ?? findProductAsk(text);
  if (products) {
    const continued = continueQuestion(products, earlier);
    return continued === undefined ? [resolveProducts(products, earlier)] : [{ kind: 'other', text: continued }];
  }
  const continued = continueProducts(text, earlier) ?? findBareAsk(text);
  return continued && [continued];
}

function isQuestion(text: string): boolean {
  return text.includes('?') || QUESTION_START.test(text);
}

function withoutDoubles(asks: Ask[]): Ask[] {
  const keyOf = ({ text: _text, ...ask }: Ask, text: string) => JSON.stringify(ask.kind === 'other' ? text : ask);
  return [...new Map(asks.map((ask) => [keyOf(ask, ask.text), ask])).values()];
}
