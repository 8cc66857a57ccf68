import { describe, expect, test } from '@jest/globals';
import { OpeningHours } from '../accounts/opening-hours.schema.ts';
import { dayPlan, openState } from './opening-hours.ts';

const p = (...periods: string[]) => periods.map((period) => ({ open: period.slice(0, 5), close: period.slice(6) }));

const bakery = hoursOf({
  weekly: {
    tue: p('07:00-15:00'),
    wed: p('07:00-15:00'),
    thu: p('07:00-15:00'),
    fri: p('07:00-15:00'),
    sat: p('07:00-13:00', '14:00-18:00'),
    sun: p('08:00-14:00'),
  },
  exceptions: [
    { date: '2026-11-26', closed: true, note: 'Thanksgiving' },
    { date: '2026-12-22', closed: true },
    { date: '2026-12-24', periods: p('07:00-12:00'), note: 'Christmas Eve' },
  ],
});
const everyDay = (...periods: string[]) =>
  Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, p(...periods)]));
const roundTheClock = hoursOf({ weekly: everyDay('00:00-24:00') });
const bar = hoursOf({
  weekly: { fri: p('18:00-02:00'), sat: p('22:00-24:00'), sun: p('00:00-01:30' /* of Saturday's night */) },
});

describe('what is said of a bakery in Oregon', () => {
  test.each([
    ['2026-11-24T07:00', 'open until 3 pm', null],
    ['2026-11-24T14:59', 'open until 3 pm', null],
    ['2026-11-24T15:00', 'closed now; opens tomorrow at 7 am', 'past closing'],
    ['2026-11-25T05:00', 'closed now; opens at 7 am', 'before opening'],
    ['2026-11-25T16:00', 'closed now; opens Friday at 7 am', 'past closing'],
    ['2026-11-26T09:00', 'closed today (Thanksgiving); opens tomorrow at 7 am', 'Thanksgiving'],
    ['2026-11-28T13:30', 'closed now; opens at 2 pm', 'closed from 1 pm to 2 pm'],
    ['2026-11-30T10:00', 'closed on Mondays; opens tomorrow at 7 am', 'closed on Mondays'],
    ['2026-12-22T10:00', 'closed today; opens tomorrow at 7 am', 'closed on Tuesday, December 22'],
    ['2026-12-24T10:00', 'open until noon (Christmas Eve)', 'Christmas Eve'],
    ['2026-12-24T12:30', 'closed now (Christmas Eve); opens tomorrow at 7 am', 'Christmas Eve'],
  ])('%s: %s', (local, said, reason) => {
    expect(stateAt(bakery, local)).toMatchObject({ said, reason });
  });
});

test('the state carries instants in UTC and the local time in words', () => {
  expect(stateAt(bakery, '2026-11-25T14:05')).toEqual({
    open: true,
    until: '2026-11-25T23:00:00Z',
    next: { opensAt: '2026-11-27T15:00:00Z', reason: 'Thanksgiving' },
    localTime: 'Wednesday, November 25, 2026, 2:05 pm',
    reason: null,
    said: 'open until 3 pm',
  });
});

describe('nights', () => {
  test.each([
    ['2026-11-27T20:00', 'open until 2 am', '2026-11-28T10:00:00Z'],
    ['2026-11-28T01:00', 'open until 2 am', '2026-11-28T10:00:00Z'],
    ['2026-11-28T23:00', 'open until 1:30 am', '2026-11-29T09:30:00Z'], // two periods that touch are one
  ])('%s: %s', (local, said, until) => {
    expect(stateAt(bar, local)).toMatchObject({ open: true, said, until });
  });

  test('a night belongs to the day it began on, whatever the next day is', () => {
    const hours = hoursOf({ ...bar, exceptions: [{ date: '2026-11-28', closed: true, note: 'Inventory' }] });
    expect(stateAt(hours, '2026-11-28T01:00')).toMatchObject({ open: true, reason: null });
    expect(stateAt(hours, '2026-11-28T23:00')).toMatchObject({ open: false, reason: 'Inventory' });
    const early = hoursOf({ ...bar, exceptions: [{ date: '2026-11-27', closed: true }] });
    expect(stateAt(early, '2026-11-28T01:00')).toMatchObject({ open: false });
  });

  test('midnight is the end of a day for a closing, and tonight for an opening', () => {
    expect(stateAt(hoursOf({ weekly: { sat: p('09:00-24:00') } }), '2026-11-28T10:00').said).toBe(
      'open until midnight',
    );
    const sunday = hoursOf({ weekly: { sun: p('00:00-05:00') } });
    expect(stateAt(sunday, '2026-11-28T10:00').said).toBe('closed on Saturdays; opens tonight at midnight');
    expect(stateAt(sunday, '2026-11-26T10:00').said).toBe('closed on Thursdays; opens Sunday at 12 am');
  });
});

describe('around the clock and never', () => {
  test('a place without any closing has neither an end nor a next opening', () => {
    expect(stateAt(roundTheClock, '2026-11-24T10:00')).toMatchObject({
      open: true,
      until: null,
      next: null,
      said: 'open around the clock',
    });
  });

  test('one closed day ends it, and is the reason of the wait', () => {
    const exceptions = [{ date: '2026-12-25', closed: true, note: 'Christmas' }];
    expect(stateAt({ ...roundTheClock, exceptions: [exceptions[0] as never] }, '2026-11-24T10:00')).toMatchObject({
      until: '2026-12-25T08:00:00Z',
      next: { opensAt: '2026-12-26T08:00:00Z', reason: 'Christmas' },
      said: 'open until Thursday, December 24, at midnight',
    });
  });

  test('an opening over a year away is found and told with its year', () => {
    const hours = hoursOf({ weekly: {}, exceptions: [{ date: '2027-12-20', periods: p('10:00-16:00') }] });
    expect(stateAt(hours, '2026-11-24T10:00')).toMatchObject({
      next: { opensAt: '2027-12-20T18:00:00Z' },
      said: 'closed on Tuesdays; opens Monday, December 20, 2027, at 10 am',
    });
  });

  test('an opening a week or more away is told with its date', () => {
    const exceptions = Array.from({ length: 30 }, (_, i) => ({
      date: Temporal.PlainDate.from('2026-11-28').add({ days: i }).toString(),
      closed: true,
      note: 'Renovation',
    }));
    const hours = hoursOf({ weekly: everyDay('07:00-15:00'), exceptions });
    expect(stateAt(hours, '2026-11-28T08:00')).toMatchObject({
      said: 'closed today (Renovation); opens Monday, December 28, at 7 am',
      next: { reason: 'Renovation' },
    });
  });

  test('a place that never opens says so', () => {
    expect(stateAt(hoursOf({ weekly: {} }), '2026-11-24T10:00')).toMatchObject({
      open: false,
      next: null,
      said: 'closed until further notice',
    });
  });
});

describe('changes of the clocks', () => {
  test.each([
    ['an opening in the gap moves forward by its length', '02:30-09:00', '2026-03-08T09:00Z', '2026-03-08T10:30:00Z'],
    ['an opening that comes twice takes the first', '01:30-09:00', '2026-11-01T07:00Z', '2026-11-01T08:30:00Z'],
  ])('%s', (_name, period, at, opensAt) => {
    const state = openState(hoursOf({ weekly: { sun: p(period) } }), Temporal.Instant.from(at));
    expect(state.next?.opensAt).toBe(opensAt);
  });

  test('a closing that comes twice takes the last', () => {
    const state = openState(hoursOf({ weekly: { sat: p('20:00-01:30') } }), Temporal.Instant.from('2026-11-01T07:00Z'));
    expect(state.until).toBe('2026-11-01T09:30:00Z');
  });
});

test.each([
  ['2026-11-29', 'Sunday, November 29: 8 am to 2 pm'],
  ['2026-11-28', 'Saturday, November 28: 7 am to 1 pm and 2 pm to 6 pm'],
  ['2026-11-30', 'Monday, November 30: closed'],
  ['2026-11-26', 'Thursday, November 26: closed (Thanksgiving)'],
  ['2026-12-24', 'Thursday, December 24: 7 am to noon (Christmas Eve)'],
])('the plan of %s is said as: %s', (date, said) => {
  expect(dayPlan(bakery, Temporal.PlainDate.from(date)).said).toBe(said);
});

test('a day plan is told in data too', () => {
  expect(dayPlan(bakery, Temporal.PlainDate.from('2026-11-26'))).toEqual({
    date: '2026-11-26',
    weekday: 'Thursday',
    closed: true,
    periods: [],
    note: 'Thanksgiving',
    said: 'Thursday, November 26: closed (Thanksgiving)',
  });
});

function hoursOf(hours: object): OpeningHours {
  return OpeningHours.parse({ timezone: 'America/Los_Angeles', exceptions: [], ...hours });
}

function stateAt(hours: OpeningHours, local: string) {
  return openState(hours, Temporal.PlainDateTime.from(local).toZonedDateTime(hours.timezone).toInstant());
}
