import {
  type HoursException,
  isPastMidnight,
  type OpeningHours,
  type Period,
  weekdays,
} from '../accounts/opening-hours.schema.ts';

/** A stretch of time without a break, from `startMs` up to but without `endMs`, in ms since the epoch. */
export type OpenSpan = { startMs: number; endMs: number };

/** All that starts on `days` local dates from `first` on, in order; what touches or overlaps is one span. */
export function openSpans(hours: OpeningHours, first: Temporal.PlainDate, days: number): OpenSpan[] {
  const spans: OpenSpan[] = [];
  for (let day = 0; day < days; day++) {
    const date = first.add({ days: day });
    for (const period of periodsOn(hours, date)) spans.push(spanOf(period, date, hours.timezone));
  }
  return merge(spans);
}

/** The periods that start on a local date, in order: those of its exception if it has one, else its weekday's. */
export function periodsOn(hours: OpeningHours, date: Temporal.PlainDate): Period[] {
  const exception = findException(hours, date);
  const periods = exception ? exception.periods : hours.weekly[weekdays[date.dayOfWeek - 1] ?? 'mon'];
  return (periods ?? []).toSorted((a, b) => (a.open < b.open ? -1 : 1));
}

export function findException(hours: OpeningHours, date: Temporal.PlainDate): HoursException | undefined {
  const wanted = date.toString();
  return hours.exceptions.find((exception) => exception.date === wanted);
}

/**
 * A time that the clocks skip is moved forward by the length of the gap. Of a time that comes twice an opening takes
 * the first and a closing the last, so that nobody stands before a door which the hours call open.
 */
function spanOf(period: Period, date: Temporal.PlainDate, timeZone: string): OpenSpan {
  const endsNextDay = isPastMidnight(period) || period.close === '24:00';
  const closeDate = endsNextDay ? date.add({ days: 1 }) : date;
  const close = period.close === '24:00' ? '00:00' : period.close;
  return {
    startMs: epochMs(date, period.open, timeZone, 'compatible'), // the earlier of two, but forward in a gap
    endMs: epochMs(closeDate, close, timeZone, 'later'),
  };
}

function epochMs(date: Temporal.PlainDate, time: string, timeZone: string, disambiguation: 'compatible' | 'later') {
  return date.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
}

function merge(spans: OpenSpan[]): OpenSpan[] {
  const merged: OpenSpan[] = [];
  // A gap can turn a short period inside out (02:30 to 03:15 becomes 03:30 to 03:15): it doesn't happen that day.
  const real = spans.filter(({ startMs, endMs }) => startMs < endMs).sort((a, b) => a.startMs - b.startMs);
  for (const span of real) {
    const last = merged.at(-1);
    if (last && span.startMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs);
    else merged.push(span);
  }
  return merged;
}
