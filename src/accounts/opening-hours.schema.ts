import { z } from 'zod';
import { lineField } from '../platform/clean-text.ts';

/** Monday first, as `Temporal.PlainDate.dayOfWeek` counts from 1. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof weekdays)[number];

const dayMinutes = 24 * 60;

const Period = z
  .strictObject({
    open: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 07:30'),
    close: z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day such as 18:00, or 24:00'),
  })
  .describe('Local wall-clock times; a close that is not after the open is on the next day');
export type Period = z.infer<typeof Period>;

const Periods = z.array(Period).max(6);

const HoursException = z
  .strictObject({
    date: z.iso.date('must be a date such as 2026-11-26'),
    closed: z.literal(true).optional(),
    periods: Periods.min(1, 'must have a period; for a closed day say closed: true').optional(),
    note: lineField(200).optional(),
  })
  .superRefine(({ closed, periods, date }, context) => {
    if ((closed === undefined) === (periods === undefined)) {
      context.addIssue({ code: 'custom', message: `${date}: must have either closed: true or periods` });
    }
    for (const overlap of overlapsWithin(periods ?? [])) {
      context.addIssue({ code: 'custom', path: ['periods', overlap.index], message: sayOverlap(date, overlap) });
    }
  });
export type HoursException = z.infer<typeof HoursException>;

const Weekly = z
  .strictObject({
    mon: Periods.optional(),
    tue: Periods.optional(),
    wed: Periods.optional(),
    thu: Periods.optional(),
    fri: Periods.optional(),
    sat: Periods.optional(),
    sun: Periods.optional(),
  })
  .superRefine((weekly, context) => {
    for (const [index, day] of weekdays.entries()) {
      const periods = weekly[day] ?? [];
      for (const overlap of overlapsWithin(periods)) {
        context.addIssue({ code: 'custom', path: [day, overlap.index], message: sayOverlap(day, overlap) });
      }
      const next = weekdays[(index + 1) % 7] as Weekday;
      for (const overlap of overlapsWithNextDay(periods, weekly[next] ?? [])) {
        context.addIssue({ code: 'custom', path: [next, overlap.index], message: sayOverlap(day, overlap, next) });
      }
    }
  })
  .describe('Periods of the weekdays; an absent day is closed');

/**
 * When a place is open: a weekly plan, and the dates that differ from it. An exception replaces all periods that start
 * on its date; a period of the day before that runs past midnight still counts.
 */
export const OpeningHours = z
  .strictObject({
    timezone: z.string().max(64).refine(isTimeZone, 'must be an IANA time zone such as America/Los_Angeles'),
    weekly: Weekly,
    exceptions: z.array(HoursException).max(400),
  })
  .superRefine(({ exceptions }, context) => {
    const seen = new Set<string>();
    for (const [index, { date }] of exceptions.entries()) {
      if (seen.has(date)) {
        context.addIssue({
          code: 'custom',
          path: ['exceptions', index, 'date'],
          message: `${date} has two exceptions`,
        });
      }
      seen.add(date);
    }
  })
  .meta({ id: 'OpeningHours' });
export type OpeningHours = z.infer<typeof OpeningHours>;

/** Whether anybody has written hours down: nothing is said of a week that is empty because it is new. */
export function areHoursKnown({ weekly, exceptions }: OpeningHours): boolean {
  return exceptions.length > 0 || weekdays.some((day) => (weekly[day] ?? []).length > 0);
}

/** Whether it closes on the date after the one it opens on (24:00 is still the same day). */
export function isPastMidnight({ open, close }: Period): boolean {
  return close <= open;
}

type Overlap = { first: Period; second: Period; index: number };

function overlapsWithin(periods: Period[]): Overlap[] {
  return periods.flatMap((second, index) =>
    periods
      .slice(0, index)
      .filter((first) => minuteOf(first.open) < closingMinute(second) && minuteOf(second.open) < closingMinute(first))
      .map((first) => ({ first, second, index })),
  );
}

function overlapsWithNextDay(periods: Period[], nextDay: Period[]): Overlap[] {
  return periods.flatMap((first) =>
    nextDay
      .map((second, index) => ({ first, second, index }))
      .filter(({ second }) => dayMinutes + minuteOf(second.open) < closingMinute(first)),
  );
}

function sayOverlap(day: string, { first, second }: Overlap, nextDay = day): string {
  return `${day} ${first.open}-${first.close} overlaps ${nextDay} ${second.open}-${second.close}`;
}

function closingMinute(period: Period): number {
  return minuteOf(period.close) + (isPastMidnight(period) ? dayMinutes : 0);
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** Names only: an offset such as +02:00 knows nothing of daylight saving time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Boolean(new Temporal.ZonedDateTime(0n, name));
  } catch {
    return false;
  }
}
