import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { OpeningHours, type Period } from '../accounts/opening-hours.schema.ts';
import { openState } from './opening-hours.ts';

const dayMinutes = 1440;
const lookAheadMinutes = 400 * dayMinutes;
const daysInTwoYears = 730;

// Years in which the zone changes its clocks: Lord Howe by half an hour, São Paulo at midnight, Casablanca around Ramadan.
test.each([
  ['America/Los_Angeles', 2026],
  ['Europe/Warsaw', 2026],
  ['Australia/Lord_Howe', 2026],
  ['Asia/Kathmandu', 2026],
  ['America/Sao_Paulo', 2017],
  ['Africa/Casablanca', 2026],
])('what is open in %s agrees with a clerk who writes down every minute of two years from %i', (timezone, year) => {
  const clocks = watchClocks(timezone, Date.UTC(year, 0, 1) / 60_000);

  fc.assert(
    fc.property(
      aWeek,
      fc.array(aCloseDay, { maxLength: 4 }),
      aMoment(clocks),
      fc.nat(59),
      (week, days, minute, second) => {
        const hours = toHours(timezone, week, days, minute);
        const state = openState(hours, Temporal.Instant.fromEpochMilliseconds(minute * 60_000 + second * 1000));

        const { open, until, opensAt } = walk(writeDown(hours, clocks, minute), minute - clocks.start);
        expect({ open: state.open, until: state.until, opensAt: state.next?.opensAt ?? null }).toEqual({
          open,
          until: until && toIso(clocks.start + until),
          opensAt: opensAt && toIso(clocks.start + opensAt),
        });
      },
    ),
    { numRuns: 70 },
  );
});

/** Reads the wall clock for every minute of the two years and of what one can see from their end. */
function watchClocks(timeZone: string, start: number) {
  const margin = 3 * dayMinutes; // nights that began before, and local time being ahead of UTC or behind it
  const count = daysInTwoYears * dayMinutes + lookAheadMinutes + 2 * margin;
  const firstWall = start - margin - dayMinutes;
  const first = new Int32Array(count + 2 * dayMinutes).fill(-1); // by minute on the wall: when it comes first, and last
  const last = new Int32Array(count + 2 * dayMinutes).fill(-1);
  const changes: number[] = [];
  const readOffset = offsetReader(timeZone);
  let offset = readOffset(start - margin);
  let offsetTomorrow = offset;
  for (let minute = 0; minute < count; minute++) {
    if (minute % dayMinutes === 0) offsetTomorrow = readOffset(start - margin + minute + dayMinutes);
    if (minute % 30 === 0 && offset !== offsetTomorrow) {
      const read = readOffset(start - margin + minute);
      if (read !== offset) changes.push(start - margin + minute);
      offset = read;
    }
    const wall = start - margin + minute + offset - firstWall;
    if (first[wall] === -1) first[wall] = minute;
    last[wall] = minute;
  }
  // A minute that the clock skips is when a clock that nobody moved would have shown it.
  for (let wall = dayMinutes * 2; wall < first.length; wall++) {
    if (first[wall] === -1) first[wall] = last[wall] = (last[wall - 1] ?? 0) + 1;
  }
  return { start: start - margin, firstMoment: start, count, firstWall, first, last, changes };
}
type Clocks = ReturnType<typeof watchClocks>;

function offsetReader(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (minute: number) => {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(minute * 60_000)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  };
}

/** Paints every minute from the opening to the closing of every period, by the wall clock, as far as one looks ahead. */
function writeDown(hours: OpeningHours, clocks: Clocks, minute: number): Uint8Array {
  const book = new Uint8Array(clocks.count);
  const exceptions = new Map(hours.exceptions.map((exception) => [Date.parse(exception.date) / 86_400_000, exception]));
  const firstDay = Math.floor(minute / dayMinutes) - 3;
  for (let day = firstDay; day < firstDay + 404; day++) {
    const special = exceptions.get(day);
    const name = (['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const)[day % 7] ?? 'thu'; // 1970 began on one
    for (const period of special ? (special.periods ?? []) : (hours.weekly[name] ?? [])) {
      const open = minutesOf(period.open);
      const close = minutesOf(period.close);
      const midnight = day * dayMinutes - clocks.firstWall;
      const from = clocks.first[midnight + open] ?? 0;
      const to = clocks.last[midnight + close + (close <= open ? dayMinutes : 0)] ?? 0;
      if (from < to) book.fill(1, from, to);
    }
  }
  return book;
}

/** Walks from minute to minute until the door has closed and opened again. */
function walk(book: Uint8Array, from: number) {
  const open = book[from] === 1;
  let minute = from;
  const end = from + lookAheadMinutes - 2 * dayMinutes;
  while (book[minute] === 1 && minute < end) minute++;
  if (minute === end) return { open, until: null, opensAt: null };
  const until = open ? minute : null;
  while (book[minute] === 0 && minute < end) minute++;
  return { open, until, opensAt: minute === end ? null : minute };
}

const aTime = fc.nat(95).map((quarter) => quarter * 15);
const aNight = fc.record({
  open: fc.constantFrom(0, 45, 90, 135, 150, 1380),
  minutes: fc.constantFrom(45, 60, 75, 120),
});
const aroundTheClock = fc.constant({ open: 0, minutes: dayMinutes });
const aPeriod = fc.oneof(
  { weight: 6, arbitrary: fc.record({ open: aTime, minutes: aTime.map((minutes) => Math.floor(minutes / 2) + 8) }) },
  { weight: 2, arbitrary: aNight },
  { weight: 1, arbitrary: aroundTheClock },
);
const everyDay = (period: { open: number; minutes: number }) => [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, period }));
const aWeek = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.record({ day: fc.nat(6), period: aPeriod }), { maxLength: 16 }) },
  { weight: 5, arbitrary: aNight.map(everyDay) }, // the clocks change at night
  { weight: 1, arbitrary: aroundTheClock.map(everyDay) },
);
const aCloseDay = fc.record({
  after: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -2, max: 9 }) }, fc.integer({ min: 10, max: 380 })),
  periods: fc.array(aPeriod, { maxLength: 3 }),
});

function aMoment({ firstMoment, changes }: Clocks) {
  const anyMinute = fc.nat(daysInTwoYears * dayMinutes - 1).map((minute) => firstMoment + minute);
  const nearby = changes.filter((change) => change < firstMoment + daysInTwoYears * dayMinutes);
  if (nearby.length === 0) return anyMinute;
  const nearChange = fc
    .tuple(
      fc.constantFrom(...nearby),
      fc.oneof(fc.integer({ min: -dayMinutes, max: 360 }), fc.integer({ min: -150, max: 150 })),
    )
    .map(([change, away]) => change + away);
  return fc.oneof(anyMinute, { weight: 2, arbitrary: nearChange });
}

/** Leaves out what would overlap, as the schema demands, and proves that it does. */
function toHours(
  timezone: string,
  week: { day: number; period: { open: number; minutes: number } }[],
  closeDays: { after: number; periods: { open: number; minutes: number }[] }[],
  minute: number,
): OpeningHours {
  const weekly: Record<string, Period[]> = {};
  const weekClaim = claimer(7 * dayMinutes);
  for (const { day, period } of week) {
    const list = (weekly[['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'][day] ?? ''] ??= []);
    if (list.length < 6 && weekClaim(day * dayMinutes + period.open, period.minutes)) list.push(toPeriod(period));
  }
  const exceptions = new Map<string, object>();
  for (const { after, periods } of closeDays) {
    const date = dateOf(Math.floor(minute / dayMinutes) + after);
    const claim = claimer(2 * dayMinutes);
    const kept = periods.filter((period) => claim(period.open, period.minutes)).map(toPeriod);
    exceptions.set(date, kept.length > 0 ? { date, periods: kept } : { date, closed: true });
  }
  return OpeningHours.parse({ timezone, weekly, exceptions: [...exceptions.values()] });
}

function claimer(size: number) {
  const claimed = new Uint8Array(size);
  return (from: number, minutes: number) => {
    const wanted = Array.from({ length: minutes }, (_, i) => (from + i) % size);
    if (wanted.some((minute) => claimed[minute])) return false;
    for (const minute of wanted) claimed[minute] = 1;
    return true;
  };
}

function toPeriod({ open, minutes }: { open: number; minutes: number }): Period {
  const close = open + minutes;
  return { open: clock(open), close: close === dayMinutes ? '24:00' : clock(close % dayMinutes) };
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

function toIso(minute: number): string {
  return new Date(minute * 60_000).toISOString().replace('.000Z', 'Z');
}
