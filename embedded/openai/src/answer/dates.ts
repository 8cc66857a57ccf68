import { parseDate } from './moment.ts';

export interface DateMention {
  /** Null means now. */
  date: Temporal.PlainDate | null;
  /** The words that say so. */
  words: string;
}

/** More days than this in one question are no question. */
const DATES_MAX = 4;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?';

type Rule = [
  pattern: RegExp,
  resolve: (match: RegExpExecArray, today: Temporal.PlainDate) => Temporal.PlainDate | null | undefined,
];

// The first rule that fits wins, so the longer phrases stand first.
const RULES: Rule[] = [
  [/\b\d{4}-\d{2}-\d{2}\b/, ([text]) => parseDate(text)],
  [/\b(the )?day after tomorrow\b/, (_, today) => today.add({ days: 2 })],
  [
    /\b(tomorrow|tmrw|tmr|tomorow|tommorow)( morning| afternoon| evening| night)?\b/,
    (_, today) => today.add({ days: 1 }),
  ],
  [/\b(today|tonight|this (morning|afternoon|evening))\b/, (_, today) => today],
  [/\b(right )?now\b|\bcurrently\b|\bat the moment\b/, () => null],
  [/\b(christmas|xmas) eve\b/, (_, today) => nextMonthDay(today, 12, 24)],
  [/\b(christmas|xmas)( day)?\b/, (_, today) => nextMonthDay(today, 12, 25)],
  [/\bboxing day\b/, (_, today) => nextMonthDay(today, 12, 26)],
  [/\bnew year'?s? eve\b/, (_, today) => nextMonthDay(today, 12, 31)],
  [/\bnew year'?s?( day)?\b/, (_, today) => nextMonthDay(today, 1, 1)],
  [/\bvalentine'?s?( day)?\b/, (_, today) => nextMonthDay(today, 2, 14)],
  [/\bhalloween\b/, (_, today) => nextMonthDay(today, 10, 31)],
  [/\bjuneteenth\b/, (_, today) => nextMonthDay(today, 6, 19)],
  [/\b(independence day|(4th|fourth) of july|july 4th)\b/, (_, today) => nextMonthDay(today, 7, 4)],
  [/\bveterans'?( day)?\b/, (_, today) => nextMonthDay(today, 11, 11)],
  [/\bthanksgiving( day)?\b/, (_, today) => nextYearly(today, (year) => nthWeekday(year, 11, 4, 4))],
  [/\blabou?r day\b/, (_, today) => nextYearly(today, (year) => nthWeekday(year, 9, 1, 1))],
  [/\bmemorial day\b/, (_, today) => nextYearly(today, (year) => lastMonday(year, 5))],
  [/\bmother'?s'? day\b/, (_, today) => nextYearly(today, (year) => nthWeekday(year, 5, 7, 2))],
  [/\beaster( sunday)?\b/, (_, today) => nextYearly(today, easter)],
  [new RegExp(`\\b${MONTH} (\\d{1,2})(st|nd|rd|th)?\\b`), ([, month, day], today) => nextNamed(today, month, day)],
  [
    new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${MONTH}\\b`),
    ([, day, month], today) => nextNamed(today, month, day),
  ],
  [/\b(\d{1,2})\/(\d{1,2})\b/, ([, month, day], today) => nextMonthDay(today, Number(month), Number(day))],
  [/\b(next |this |on )?(mon|tues|wednes|thurs|fri|satur|sun)days?\b/, (match, today) => nextWeekday(today, match)],
  [
    /\b(next |this |on |open |and |about )(mon|tues?|weds?|thurs?|thu|fri|sat|sun)\b/,
    (match, today) => nextWeekday(today, match),
  ],
];

const WEEKEND = /\b(this |the |next |on the )?weekends?\b/;

/** All days that a text names, a weekend as its two; empty if it names none. Pure. */
export function findDates(text: string, today: Temporal.PlainDate): DateMention[] {
  let rest = text.toLowerCase().replaceAll('’', "'");
  const weekend = WEEKEND.exec(rest);
  if (weekend !== null) return weekendOf(today, weekend);
  const found: DateMention[] = [];
  for (let mention = findDate(rest, today); mention && found.length < DATES_MAX; mention = findDate(rest, today)) {
    found.push(mention);
    rest = rest.replace(mention.words, ' ');
  }
  return found.some(({ date }) => date !== null) ? found.filter(({ date }) => date !== null) : found.slice(0, 1);
}

/** The rest of the weekend on a Sunday; "next weekend" is the one after that of this week. */
function weekendOf(today: Temporal.PlainDate, [words, lead]: RegExpExecArray): DateMention[] {
  const saturday = today.add({ days: 6 - today.dayOfWeek + (lead === 'next ' ? 7 : 0) });
  return [saturday, saturday.add({ days: 1 })]
    .filter((date) => Temporal.PlainDate.compare(date, today) >= 0)
    .map((date) => ({ date, words }));
}

/** The first day that a text names, seen from `today`; undefined if it names none. Pure. */
export function findDate(text: string, today: Temporal.PlainDate): DateMention | undefined {
  const lower = text.toLowerCase().replaceAll('’', "'");
  for (const [pattern, resolve] of RULES) {
    const match = pattern.exec(lower);
    const date = match ? resolve(match, today) : undefined;
    if (match && date !== undefined) return { date, words: match[0] };
  }
  return undefined;
}

/** The coming day of that name, today included; "next" skips today. */
function nextWeekday(today: Temporal.PlainDate, [, lead, short]: RegExpExecArray): Temporal.PlainDate | undefined {
  const weekday = WEEKDAYS.findIndex((name) => name.startsWith((short ?? '').slice(0, 3))) + 1;
  if (weekday === 0) return undefined;
  const days = (weekday - today.dayOfWeek + 7) % 7;
  return today.add({ days: days === 0 && lead === 'next ' ? 7 : days });
}

function nextNamed(today: Temporal.PlainDate, month = '', day = ''): Temporal.PlainDate | undefined {
  return nextMonthDay(today, MONTHS.indexOf(month) + 1, Number(day));
}

function nextMonthDay(today: Temporal.PlainDate, month: number, day: number): Temporal.PlainDate | undefined {
  // Four years on there has been a 29 February.
  for (let year = today.year; year <= today.year + 8; year++) {
    const date = parseDate(`${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
    if (date && Temporal.PlainDate.compare(date, today) >= 0) return date;
  }
  return undefined;
}

function nextYearly(today: Temporal.PlainDate, dateIn: (year: number) => Temporal.PlainDate): Temporal.PlainDate {
  const thisYear = dateIn(today.year);
  return Temporal.PlainDate.compare(thisYear, today) >= 0 ? thisYear : dateIn(today.year + 1);
}

function nthWeekday(year: number, month: number, weekday: number, nth: number): Temporal.PlainDate {
  const first = new Temporal.PlainDate(year, month, 1);
  return first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + 7 * (nth - 1) });
}

function lastMonday(year: number, month: number): Temporal.PlainDate {
  const last = new Temporal.PlainDate(year, month, 1).add({ months: 1 }).subtract({ days: 1 });
  return last.subtract({ days: last.dayOfWeek - 1 });
}

/** The Gregorian computus in the form of Meeus, Jones and Butcher. */
function easter(year: number): Temporal.PlainDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return new Temporal.PlainDate(year, Math.floor(n / 31), (n % 31) + 1);
}
