import { STOP_WORDS } from '../stop-words.ts';
import { splitWords } from '../words.ts';
import { findDate, findDates } from './dates.ts';

export interface HoursAsk {
  kind: 'hours';
  text: string;
  /** YYYY-MM-DD; null: now, or the hours in general. */
  date: string | null;
  /** What of the hours is wanted; `week` for "what are your hours?". */
  scope: 'now' | 'day' | 'week' | 'holidays';
}

const HOURS = /\b(open|opens|opened|opening|close|closes|closed|closing|hours|shut)\b/i;
const HOURS_FRAME =
  /\b(opening|business|working|regular|normal|usual(ly)?|today|now|currently|still|shop|store|time|times|guys|late|early|week|weekdays?)\b/gi;
const VISIT = /\b(come|stop|swing|drop|pop) (by|in|over)\b|\bvisit\b|\bpick ?up\b/i;
const NOT_HOURS =
  /\b(how much|prices?|costs?|how many hours|hours? (in advance|ahead|notice|before)|within [\w ]{0,12}hours|how close|close (to|by)|happy hours?|open(ing)? positions?|job openings?|open[- ]?(face|source|mic|house)|(an?|the|my) open(ed)? \w+|return|refund|hang|hole|order|opened (bag|seed|box|pack))\b/i;
const DAY_FRAME = new Set(
  'next this coming day days open hours about morning afternoon evening night and how s'.split(' '),
);
const WEEK =
  /\b(hours)\b|\bwhen (are|do) you (usually |normally |guys )?(open|close)\b|\bwhat days\b|\bwhich days\b|\bopen (every|each|7|seven) days?\b/i;
const NOW = /\b(again|still|next|now|yet)\b/i;
const HOLIDAYS = /\b(holidays?|holiday hours|festivos|feriados)\b/i;
const NOTE_LINE = /((?:mon|tues|wednes|thurs|fri|satur|sun)day, \w+ \d{1,2}(?:, \d{4})?):[^;\n(]*\(([^)]+)\)/gi;

/** Whether and for which days a sentence asks when it is open: one ask for each day. Pure. */
export function findHoursAsks(text: string, today: Temporal.PlainDate, facts: readonly string[]): HoursAsk[] {
  const named = findNamedDay(text, facts, today);
  if (named !== undefined) return [{ kind: 'hours', text, date: named, scope: 'day' }];
  if (NOT_HOURS.test(text)) return [];
  const mentions = findDates(text, today);
  const words = mentions.reduce((rest, mention) => rest.replace(mention.words, ' '), text.toLowerCase());
  const isAbout =
    HOURS.test(text) ||
    (mentions.length > 0 && (namesOnlyDay(words) || VISIT.test(text) || /\bare you (there|in|around)\b/i.test(text)));
  if (!isAbout) return [];
  if (mentions.length > 0) {
    return mentions.map(({ date }) => ({
      kind: 'hours',
      text,
      date: date?.toString() ?? null,
      scope: date === null ? 'now' : 'day',
    }));
  }
  if (HOLIDAYS.test(text)) return [{ kind: 'hours', text, date: null, scope: 'holidays' }];
  return [{ kind: 'hours', text, date: null, scope: WEEK.test(text) && !NOW.test(text) ? 'week' : 'now' }];
}

/** What a question about hours asks beside them: "close for the season" the season. Pure. */
export function beyondHours(text: string): string {
  return splitWords(text.replace(HOURS, ' ').replaceAll(HOURS_FRAME, ' '))
    .filter((word) => !STOP_WORDS.has(word) && !DAY_FRAME.has(word))
    .join(' ');
}

/** "And on Sunday?", "what about tomorrow?": nothing in it but the day. */
function namesOnlyDay(rest: string): boolean {
  return splitWords(rest.replaceAll('’', "'")).every((word) => STOP_WORDS.has(word) || DAY_FRAME.has(word));
}

/** A day that the facts of the moment name in brackets behind its date ("Friday, November 27: … (Harvest fair)"). */
function findNamedDay(text: string, facts: readonly string[], today: Temporal.PlainDate): string | undefined {
  if (!/\b(when|open|hours|what (day|time|date)|close)/i.test(text)) return undefined;
  const asked = new Set(splitWords(text));
  for (const [, day = '', note = ''] of facts.join('\n').matchAll(NOTE_LINE)) {
    const telling = splitWords(note.split(/[,;]/)[0] ?? '').filter(
      (word) => !STOP_WORDS.has(word) && !DAY_FRAME.has(word),
    );
    if (telling.length < 2 || !telling.every((word) => asked.has(word))) continue;
    return findDate(day, today)?.date?.toString();
  }
  return undefined;
}
