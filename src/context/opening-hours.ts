import type { OpeningHours, Period } from '../accounts/opening-hours.schema.ts';
import { findException, type OpenSpan, openSpans, periodsOn } from './open-spans.ts';
import { saidClosing, saidDate, saidMoment, saidOpening, saidPeriods, saidTime, saidWeekday } from './said-times.ts';

const lookAheadDays = 400;

export type OpenState = {
  open: boolean;
  /** When it closes, ISO 8601 UTC; null when closed, or when it stays open as far as we look. */
  until: string | null;
  /** The first opening after the present state ends, within 400 days; null if there is none. */
  next: { opensAt: string; reason: string | null } | null;
  /** Of the business: "Tuesday, November 24, 2026, 2:05 pm" */
  localTime: string;
  /** The note of the exception that rules today, or why it is closed. */
  reason: string | null;
  said: string;
};

export type DayPlan = {
  date: string;
  weekday: string;
  closed: boolean;
  periods: Period[];
  note: string | null;
  said: string;
};

/** Whether a place is open at a moment, until when, when it opens next and why, as data and as English words. */
export function openState(hours: OpeningHours, at: Temporal.Instant): OpenState {
  const now = at.toZonedDateTimeISO(hours.timezone);
  const { current, next } = findSpans(hours, now);
  const isEndless = current !== undefined && !next && current.endMs >= lookAheadEnd(now).epochMilliseconds;
  const until = current && !isEndless ? toLocal(current.endMs, hours) : null;
  const opening = next ? toLocal(next.startMs, hours) : null;
  return {
    open: current !== undefined,
    until: until && toIso(until),
    next: opening && { opensAt: toIso(opening), reason: findWaitReason(hours, until ?? now, opening) },
    localTime: saidMoment(now),
    reason: current ? findOpenNote(hours, now) : findClosedReason(hours, now),
    said: current ? sayOpen(hours, now, until) : sayClosed(hours, now, opening),
  };
}

/** What a local date has: the periods that start on it (not what is left of the night before), as data and words. */
export function dayPlan(hours: OpeningHours, date: Temporal.PlainDate): DayPlan {
  const periods = periodsOn(hours, date);
  const note = findException(hours, date)?.note ?? null;
  return {
    date: date.toString(),
    weekday: saidWeekday(date),
    closed: periods.length === 0,
    periods,
    note,
    said: `${saidDate(date, date.year)}: ${saidPeriods(periods)}${inBrackets(note)}`,
  };
}

/** Looks ten days ahead first: that answers for nearly every place, and costs a fortieth of looking all the way. */
function findSpans(hours: OpeningHours, now: Temporal.ZonedDateTime): { current?: OpenSpan; next?: OpenSpan } {
  const near = findSpansWithin(hours, now, 10);
  return near.next ? near : findSpansWithin(hours, now, lookAheadDays);
}

function findSpansWithin(hours: OpeningHours, now: Temporal.ZonedDateTime, days: number) {
  // Two days back: a period lasts up to 24 hours, and a change of the clocks can push its end over one more midnight.
  const spans = openSpans(hours, now.toPlainDate().subtract({ days: 2 }), days + 2);
  const nowMs = now.epochMilliseconds;
  const current = spans.find(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
  const next = spans.find(({ startMs }) => startMs > nowMs);
  return { ...(current && { current }), ...(next && { next }) };
}

function lookAheadEnd(now: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return now.toPlainDate().add({ days: lookAheadDays }).toZonedDateTime(now.timeZoneId);
}

function findOpenNote(hours: OpeningHours, now: Temporal.ZonedDateTime): string | null {
  const exception = findException(hours, now.toPlainDate());
  return (exception?.periods && exception.note) ?? null; // on a closed day it is still the night before
}

function findClosedReason(hours: OpeningHours, now: Temporal.ZonedDateTime): string {
  const today = now.toPlainDate();
  const exception = findException(hours, today);
  const periods = periodsOn(hours, today);
  if (exception?.note) return exception.note;
  if (exception?.closed) return `closed on ${saidDate(today, today.year)}`;
  if (periods.length === 0) return `closed on ${saidWeekday(today)}s`;
  const time = now.toPlainTime().toString({ smallestUnit: 'minute' });
  const upcoming = periods.findIndex(({ open }) => open > time);
  if (upcoming === 0) return 'before opening';
  const [before, after] = [periods[upcoming - 1], periods[upcoming]];
  return before && after ? `closed from ${saidTime(before.close)} to ${saidTime(after.open)}` : 'past closing';
}

/** The note of the opening's own date, or else of the first closed exception that makes one wait for it. */
function findWaitReason(hours: OpeningHours, from: Temporal.ZonedDateTime, opening: Temporal.ZonedDateTime) {
  const own = findException(hours, opening.toPlainDate());
  if (own?.note) return own.note;
  const [first, last] = [from.toPlainDate().toString(), opening.toPlainDate().toString()];
  const between = hours.exceptions
    .filter(({ date, closed, note }) => closed && note && first <= date && date < last)
    .sort((a, b) => (a.date < b.date ? -1 : 1));
  return between[0]?.note ?? null;
}

function sayOpen(hours: OpeningHours, now: Temporal.ZonedDateTime, until: Temporal.ZonedDateTime | null): string {
  if (!until) return 'open around the clock';
  return `open until ${saidClosing(until, now)}${inBrackets(findOpenNote(hours, now))}`;
}

function sayClosed(hours: OpeningHours, now: Temporal.ZonedDateTime, opening: Temporal.ZonedDateTime | null): string {
  const today = now.toPlainDate();
  const exception = findException(hours, today);
  const isDayOff = periodsOn(hours, today).length === 0;
  if (!opening) return `closed until further notice${inBrackets(exception?.note)}`;
  const opens = `opens ${saidOpening(opening, today)}`;
  if (isDayOff && !exception) return `closed on ${saidWeekday(today)}s; ${opens}`;
  return `closed ${isDayOff ? 'today' : 'now'}${inBrackets(exception?.note)}; ${opens}`;
}

function inBrackets(note: string | null | undefined): string {
  return note ? ` (${note})` : '';
}

function toLocal(epochMs: number, { timezone }: OpeningHours): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timezone);
}

function toIso(time: Temporal.ZonedDateTime): string {
  return time.toInstant().toString({ smallestUnit: 'second' });
}
