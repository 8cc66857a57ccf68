import type { OpeningHours } from '../../src/accounts/opening-hours.schema.ts';
import { dayPlan } from '../../src/context/opening-hours.ts';
import { minorUnits } from '../../src/context/money.ts';
import type { Fixture } from '../../src/demo/fixtures.ts';

const PRICE = /[$€£]\s?(\d[\d,]*(?:\.\d{1,2})?)/g;
const TIME = /\b(\d{1,2})(?::(\d{2}))?\s?([ap])\.?\s?m\b\.?|\b(noon|midnight|mediodía|medianoche)(?!\p{L})/giu;
const MONTHS_EN = 'january february march april may june july august september october november december'.split(' ');
const MONTHS_ES = 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ');
const WEEKDAYS_EN = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const WEEKDAYS_ES = 'lunes martes miércoles jueves viernes sábado domingo'.split(' ');
const DATE_EN = new RegExp(
  `(?:\\b(${WEEKDAYS_EN.join('|')}),? )?\\b(${MONTHS_EN.join('|')}) (\\d{1,2})\\b(?:, (\\d{4}))?`,
  'gi',
);
const DATE_ES = new RegExp(
  `(?:(${WEEKDAYS_ES.join('|')}),? )?\\b(\\d{1,2}) de (${MONTHS_ES.join('|')})\\b(?: de (\\d{4}))?`,
  'giu',
);

/** What a business says of itself, for telling its prices, hours and dates from foreign ones. */
export interface KnownFacts {
  readonly prices: ReadonlySet<number>;
  /** Minutes after midnight. */
  readonly times: ReadonlySet<number>;
  /** `MM-DD` */
  readonly days: ReadonlySet<string>;
  readonly hours: OpeningHours;
  readonly texts: string;
}

export function collectFacts({ account, location, hours, products, faqs }: Fixture): KnownFacts {
  const texts = JSON.stringify([account, location, faqs, products.map(({ name, description }) => [name, description])]);
  const periods = [...Object.values(hours.weekly), ...hours.exceptions.map((exception) => exception.periods)];
  const prices = products.flatMap(({ price }) => (price ? [price.amount / minorUnits(price.currency)] : []));
  return {
    prices: new Set([...prices, ...findPrices(texts)]),
    times: new Set([
      ...periods.flatMap((day) => day ?? []).flatMap(({ open, close }) => [toMinutes(open), toMinutes(close)]),
      ...findTimes(texts),
    ]),
    days: new Set([...hours.exceptions.map(({ date }) => date.slice(5)), ...findDates(texts).map(({ day }) => day)]),
    hours,
    texts,
  };
}

/**
 * The prices, hours and dates of an answer that are not the business's: a price or time that is nowhere in its data, a date
 * with the wrong weekday, or beside which stand hours that are not that date's. What the visitor said counts as known. Pure.
 */
export function findForeignFacts(
  answer: string,
  asked: string,
  facts: KnownFacts,
  today: Temporal.PlainDate,
): string[] {
  const askedPrices = new Set([...asked.matchAll(/\d+(?:\.\d+)?/g)].map(([amount]) => Number(amount)));
  const prices = findPrices(answer)
    .filter((price) => !facts.prices.has(price) && !askedPrices.has(price))
    .map((price) => `price ${price}`);
  const times = findTimes(answer)
    .filter((time) => !facts.times.has(time))
    .map((time) => `time ${Math.floor(time / 60)}:${String(time % 60).padStart(2, '0')}`);
  return [...prices, ...times, ...findWrongDates(answer, facts, today)];
}

function findWrongDates(answer: string, { hours, days, texts }: KnownFacts, today: Temporal.PlainDate): string[] {
  const wrong: string[] = [];
  for (const sentence of answer.split(/(?<=[.!?;])\s+|\n/)) {
    const dates = findDates(sentence);
    for (const { weekday, day, year, words } of dates) {
      const date = nextDate(day, year, today);
      if (date === undefined) wrong.push(`date ${words}`);
      else if (weekday !== undefined && date.dayOfWeek !== weekday) wrong.push(`weekday of ${words}`);
      else if (weekday === undefined && !days.has(day) && !texts.includes(words)) wrong.push(`date ${words}`);
    }
    const [only] = dates;
    const date = only && dates.length === 1 ? nextDate(only.day, only.year, today) : undefined;
    if (date === undefined || texts.includes(sentence.trim().replace(/[.;]$/, ''))) continue;
    const own = new Set(dayPlan(hours, date).periods.flatMap(({ open, close }) => [toMinutes(open), toMinutes(close)]));
    wrong.push(
      ...findTimes(sentence)
        .filter((time) => !own.has(time))
        .map((time) => `${time} min is no hour of ${only?.words}`),
    );
  }
  return wrong;
}

interface FoundDate {
  /** 1 is Monday. */
  weekday: number | undefined;
  day: string;
  year: number | undefined;
  words: string;
}

function findDates(text: string): FoundDate[] {
  const english = [...text.matchAll(DATE_EN)].map(([words, weekday, month = '', day, year]) =>
    toDate(words, [WEEKDAYS_EN, weekday], MONTHS_EN.indexOf(month.toLowerCase()), [day, year]),
  );
  const spanish = [...text.matchAll(DATE_ES)].map(([words, weekday, day, month = '', year]) =>
    toDate(words, [WEEKDAYS_ES, weekday], MONTHS_ES.indexOf(month.toLowerCase()), [day, year]),
  );
  return [...english, ...spanish];
}

function toDate(
  words: string,
  [names, weekday]: [string[], string | undefined],
  monthIndex: number,
  [day = '', year]: (string | undefined)[],
): FoundDate {
  return {
    weekday: weekday === undefined ? undefined : names.indexOf(weekday.toLowerCase()) + 1,
    day: `${String(monthIndex + 1).padStart(2, '0')}-${day.padStart(2, '0')}`,
    year: year === undefined ? undefined : Number(year),
    words,
  };
}

function nextDate(day: string, year: number | undefined, today: Temporal.PlainDate): Temporal.PlainDate | undefined {
  for (const candidate of year === undefined ? [today.year, today.year + 1] : [year]) {
    try {
      const date = Temporal.PlainDate.from(`${candidate}-${day}`);
      if (year !== undefined || Temporal.PlainDate.compare(date, today) >= 0) return date;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function findPrices(text: string): number[] {
  return [...text.matchAll(PRICE)].map(([, amount = '']) => Number(amount.replaceAll(',', '')));
}

function findTimes(text: string): number[] {
  return [...text.matchAll(TIME)].map(([, hour, minute, half, word]) => {
    if (word !== undefined) return /^(noon|mediodía)$/i.test(word) ? 720 : 0;
    return ((Number(hour) % 12) + (half?.toLowerCase() === 'p' ? 12 : 0)) * 60 + Number(minute ?? 0);
  });
}

function toMinutes(time: string): number {
  return (Number(time.slice(0, 2)) % 24) * 60 + Number(time.slice(3, 5));
}
