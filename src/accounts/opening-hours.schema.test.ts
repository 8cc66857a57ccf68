import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { OpeningHours, weekdays } from './opening-hours.schema.ts';

const bakery = {
  timezone: 'America/Los_Angeles',
  weekly: { tue: [{ open: '07:00', close: '15:00' }], fri: [{ open: '18:00', close: '02:00' }] },
  exceptions: [
    { date: '2026-11-26', closed: true, note: 'Thanksgiving' },
    { date: '2026-12-24', periods: [{ open: '07:00', close: '12:00' }] },
  ],
};

const problemsOf = (hours: unknown) =>
  (OpeningHours.safeParse(hours).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
const withWeekly = (weekly: unknown) => problemsOf({ ...bakery, weekly });
const withException = (exception: unknown) => problemsOf({ ...bakery, exceptions: [exception] });

test('a plan with split days, a past-midnight closing and exceptions is taken as it stands', () => {
  expect(OpeningHours.parse(bakery)).toEqual(bakery);
});

test.each(['US/Pacific', 'Europe/Warsaw', 'UTC'])('%s is a time zone', (timezone) => {
  expect(problemsOf({ ...bakery, timezone })).toEqual([]);
});

test.each(['', '+02:00', 'Z', '2026-01-01T00:00[UTC]', 'Mars/Olympus', 'a'.repeat(65)])(
  '%j is refused as a time zone',
  (timezone) => {
    expect(problemsOf({ ...bakery, timezone }).join()).toMatch(/^timezone: /);
  },
);

describe('overlapping periods are named', () => {
  test('within a day', () => {
    const mon = [
      { open: '07:00', close: '13:00' },
      { open: '12:00', close: '15:00' },
    ];
    expect(withWeekly({ mon })).toEqual(['weekly.mon.1: mon 07:00-13:00 overlaps mon 12:00-15:00']);
  });

  test('with the night before, Sunday to Monday included', () => {
    const weekly = { mon: [{ open: '01:00', close: '05:00' }], sun: [{ open: '18:00', close: '02:00' }] };
    expect(withWeekly(weekly)).toEqual(['weekly.mon.0: sun 18:00-02:00 overlaps mon 01:00-05:00']);
  });

  test('on an exception', () => {
    const periods = [
      { open: '07:00', close: '13:00' },
      { open: '08:00', close: '09:00' },
    ];
    expect(withException({ date: '2026-12-24', periods })).toEqual([
      'exceptions.0.periods.1: 2026-12-24 07:00-13:00 overlaps 2026-12-24 08:00-09:00',
    ]);
  });
});

test.each([
  ['an unknown day', { monday: [] }],
  ['a time without minutes', { mon: [{ open: '7', close: '15:00' }] }],
  ['an opening at 24:00', { mon: [{ open: '24:00', close: '02:00' }] }],
  ['seven periods', { mon: Array.from({ length: 7 }, (_, i) => ({ open: `0${i}:00`, close: `0${i}:30` })) }],
  ['an unknown field', { mon: [{ open: '07:00', close: '15:00', note: 'x' }] }],
])('a week with %s is refused', (_name, weekly) => {
  expect(withWeekly(weekly)).toHaveLength(1);
});

test.each([
  ['is both closed and open', { date: '2026-12-24', closed: true, periods: [{ open: '07:00', close: '12:00' }] }],
  ['is neither', { date: '2026-12-24' }],
  ['has no period in its periods', { date: '2026-12-24', periods: [] }],
  ['is on a day that the calendar lacks', { date: '2026-02-29', closed: true }],
  ['has a note over 200 characters', { date: '2026-12-24', closed: true, note: 'x'.repeat(201) }],
])('an exception that %s is refused', (_name, exception) => {
  expect(withException(exception)).toHaveLength(1);
});

test('two exceptions of one date are refused', () => {
  const exception = { date: '2026-12-24', closed: true };
  expect(problemsOf({ ...bakery, exceptions: [exception, exception] })).toEqual([
    'exceptions.1.date: 2026-12-24 has two exceptions',
  ]);
});

test('a week is taken exactly if no minute of it is claimed twice', () => {
  const minute = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
  const claim = fc.record({ day: fc.nat(6), open: minute, minutes: minute.map((quarters) => quarters + 15) });

  fc.assert(
    fc.property(fc.array(claim, { maxLength: 6 }), (claims) => {
      const weekly: Record<string, { open: string; close: string }[]> = {};
      const claimed = new Set<number>();
      for (const { day, open, minutes } of claims) {
        (weekly[weekdays[day] ?? ''] ??= []).push({ open: clock(open), close: clock((open + minutes) % 1440) });
        for (let i = 0; i < minutes; i++) claimed.add((day * 1440 + open + i) % 10_080);
      }
      const total = claims.reduce((sum, { minutes }) => sum + minutes, 0);

      expect(withWeekly(weekly).length === 0).toBe(claimed.size === total);
    }),
    { numRuns: 300 },
  );
});

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
