import { STOP_WORDS } from '../stop-words.ts';
import { splitWords } from '../words.ts';
import type { Conversation } from './conversation.ts';
import { findDate } from './dates.ts';
import { findPersonAsk, type PersonAsk, toPersonAsk } from './person-ask.ts';
import { findProductAsk, type ProductAsk } from './product-ask.ts';

export interface HoursAsk {
  kind: 'hours';
  text: string;
  /** YYYY-MM-DD; null: now, or the hours in general. */
  date: string | null;
}

export interface SmallTalk {
  kind: 'greeting' | 'thanks' | 'goodbye' | 'identity';
  text: string;
}

export interface OtherAsk {
  kind: 'other';
  text: string;
}

/** One thing that a visitor wants. */
export type Ask = HoursAsk | ProductAsk | PersonAsk | SmallTalk | OtherAsk;

const ASKS_MAX = 4;
/** By these words `word.ts` offers to pass a question on, and a "yes" after them is a wish for a person. */
export const HANDOVER_OFFER = 'pass your question on to the team';

const GREETING =
  /^(hi|hello|hey|hiya|howdy|hola|greetings|good (morning|afternoon|evening|day))( there| again| all| everyone| team)?\b[\s,.!:-]*/i;
const THANKS = /^(many |ok(ay)?,? |great,? |perfect,? )?(thanks|thank you|thank u|thx|cheers|gracias)\b[^?]{0,40}$/i;
const GOODBYE =
  /^(good ?bye|bye( bye)?|see (you|ya)( later| soon)?|have a (nice|good|great) (day|one|evening|weekend))\b[^?]{0,20}$/i;
const YES = /^(yes|yeah|yep|sure|ok|okay|please do|please|si|sí)\b[^?]{0,30}$/i;
const IDENTITY =
  /\b(are|r) (you|u) (a |an |just a |just an |really a |really an )?(real|actual|human|person|bot|robot|ai|machine|computer|chatbot|llm|chatgpt|gpt)\b|\b(am i|is this) (talking|speaking|chatting)?( to| with)?\s?(a |an )?(real |actual )?(human|person|bot|robot|ai|machine|chatbot)\b|\b(who|what) are (you|u)\s*\??$|\bwhat (model|ai) are you\b/i;

const HOURS = /\b(open|opens|opened|opening|close|closes|closed|closing|hours|shut)\b/i;
const NOT_HOURS =
  /\b(how much|prices?|costs?|how many hours|hours? (in advance|ahead|notice|before)|within [\w ]{0,12}hours|how close|close (to|by)|happy hours?|open(ing)? positions?|job openings?|open[- ]?(face|source|mic|house))\b/i;
const DAY_FRAME = new Set('next this coming day days open hours about morning afternoon evening night'.split(' '));
const QUESTION_START =
  /^(and |so |but |ok |okay |please )?(what|when|where|which|who|whom|whose|why|how|do|does|did|is|are|am|can|could|will|would|should|may|r|u|any|tell|show|give|list|explain|describe|compare|i want|i need|i'd like|i am looking|i'm looking|looking)\b/i;

/** Takes a visitor's message apart into the things it asks. Pure: the same words on the same day mean the same. */
export function understand(conversation: Conversation, today: Temporal.PlainDate): Ask[] {
  const accepted = acceptedOffer(conversation);
  if (accepted) return [accepted];
  const asks = keepOnePerson(
    splitAsks(conversation.question).flatMap((part) => classify(part, today)),
    conversation,
  );
  const substantial = asks.filter(({ kind }) => kind !== 'greeting' && kind !== 'thanks' && kind !== 'goodbye');
  if (substantial.length === 0) return asks.slice(0, 1);
  const questions = substantial.filter((ask) => ask.kind !== 'other' || isQuestion(ask.text));
  return withoutDoubles(questions.length > 0 ? questions : [{ kind: 'other', text: conversation.question }]).slice(
    0,
    ASKS_MAX,
  );
}

function acceptedOffer({ earlier, question }: Conversation): PersonAsk | undefined {
  const last = earlier.at(-1);
  if (last?.role !== 'assistant' || !last.text.includes(HANDOVER_OFFER) || !YES.test(question.trim())) return undefined;
  const asked = earlier.findLast(({ role }) => role === 'user')?.text ?? question;
  return { ...toPersonAsk(asked, { email: null, phone: null }), text: question };
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
    .split(
      /(?<=[?!])\s+|(?<=\.)\s+(?=\P{Ll})|\n+|[,;]?\s+(?:and|also|plus)\s+(?=(?:do|does|are|is|can|could|how|what|when|where|which|who|will)\b)/iu,
    )
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part));
}

function classify(part: string, today: Temporal.PlainDate): Ask[] {
  const greeting = GREETING.exec(part)?.[0];
  if (greeting !== undefined) {
    const rest = part.slice(greeting.length);
    return [{ kind: 'greeting', text: part }, ...(rest ? classify(rest, today) : [])];
  }
  if (THANKS.test(part)) return [{ kind: 'thanks', text: part }];
  if (GOODBYE.test(part)) return [{ kind: 'goodbye', text: part }];
  if (IDENTITY.test(part)) return [{ kind: 'identity', text: part }];
  return [findPersonAsk(part) ?? findHoursAsk(part, today) ?? findProductAsk(part) ?? { kind: 'other', text: part }];
}

function findHoursAsk(text: string, today: Temporal.PlainDate): HoursAsk | undefined {
  if (NOT_HOURS.test(text)) return undefined;
  const mention = findDate(text, today);
  const isAboutHours = HOURS.test(text) || (mention !== undefined && namesOnlyDay(text, mention.words));
  return isAboutHours ? { kind: 'hours', text, date: mention?.date?.toString() ?? null } : undefined;
}

/** "And on Sunday?", "what about tomorrow?": nothing in it but the day. */
function namesOnlyDay(text: string, dayWords: string): boolean {
  const rest = splitWords(text.toLowerCase().replaceAll('’', "'").replace(dayWords, ' '));
  return rest.every((word) => STOP_WORDS.has(word) || DAY_FRAME.has(word));
}

function isQuestion(text: string): boolean {
  return text.includes('?') || QUESTION_START.test(text);
}

function withoutDoubles(asks: Ask[]): Ask[] {
  const keyOf = ({ text: _text, ...ask }: Ask, text: string) => JSON.stringify(ask.kind === 'other' ? text : ask);
  return [...new Map(asks.map((ask) => [keyOf(ask, ask.text), ask])).values()];
}
