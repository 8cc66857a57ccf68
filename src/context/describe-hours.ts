import type { Location } from '../accounts/location.model.ts';
import { areHoursKnown } from '../accounts/opening-hours.schema.ts';
import { AppError } from '../platform/errors.ts';
import { toLine } from '../platform/templates.ts';
import type { HoursAnswer } from './knowledge.ts';
import type { LocalContext } from './local-context.model.ts';
import { dayPlan, openState } from './opening-hours.ts';

const COMING_DAYS = 14;

/** What is true at a moment, in plain lines for the model. The first line is the main location's date and time. */
export function describeMoment(
  locations: readonly Location[],
  notes: readonly Pick<LocalContext, 'text' | 'startsAt' | 'expiresAt'>[],
  at: Date,
): string {
  const now = Temporal.Instant.fromEpochMilliseconds(at.getTime());
  const places = locations.map((location, index) => describePlace(location, now, index === 0));
  const current = notes.filter(({ startsAt, expiresAt }) => startsAt <= at && at < expiresAt);
  return [...places, ...current.map(({ text }) => `News: ${toLine(text)}`)].join('\n');
}

function describePlace({ name, hours }: Location, now: Temporal.Instant, isMain: boolean): string {
  const local = now.toZonedDateTimeISO(hours.timezone);
  const today = local.toPlainDate();
  const weekday = today.toLocaleString('en-US', { weekday: 'long' });
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  const moment = isMain ? [`Local date and time: ${weekday}, ${today.toString()} ${time} (${hours.timezone})`] : [];
  if (!areHoursKnown(hours)) return [...moment, `${name}: the opening hours are not written down here`].join('\n');
  const exceptions = hours.exceptions
    .filter(({ date }) => date >= today.toString() && date <= today.add({ days: COMING_DAYS }).toString())
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
    .map(({ date }) => dayPlan(hours, Temporal.PlainDate.from(date)).said);
  return [
    ...moment,
    `${name} now: ${openState(hours, now).said}`,
    `${name} today: ${dayPlan(hours, today).said}`,
    `${name} tomorrow: ${dayPlan(hours, today.add({ days: 1 })).said}`,
    ...(exceptions.length > 0 ? [`${name}, coming days that differ: ${exceptions.join('; ')}`] : []),
  ].join('\n');
}

/** The hours of a date (today when null) at a location (the main one when null). @throws AppError `invalid-input`. */
export function answerHours(
  locations: readonly Location[],
  query: { date: string | null; location: string | null },
  at: Date,
): HoursAnswer {
  const location = findLocation(locations, query.location);
  const now = Temporal.Instant.fromEpochMilliseconds(at.getTime());
  const today = now.toZonedDateTimeISO(location.hours.timezone).toPlainDate();
  const date = query.date === null ? today : parseDate(query.date);
  if (!areHoursKnown(location.hours)) {
    const said = `I don't know the opening hours of ${location.name}.`;
    return { said, location: location.name, date: date.toString(), closed: null, periods: [], note: null, openNow: '' };
  }
  const plan = dayPlan(location.hours, date);
  const openNow = openState(location.hours, now).said;
  return {
    said: date.equals(today) ? `${capitalise(openNow)}. ${plan.said}.` : `${plan.said}.`,
    location: location.name,
    date: date.toString(),
    closed: plan.closed,
    periods: plan.periods,
    note: plan.note,
    openNow,
  };
}

function findLocation(locations: readonly Location[], wanted: string | null): Location {
  const [main] = locations;
  if (main === undefined) throw new AppError('not-found', 'This business has no location');
  if (wanted === null || locations.length === 1) return main;
  const words = wanted.toLowerCase();
  const found = locations.find(({ name }) => name.toLowerCase().includes(words) || words.includes(name.toLowerCase()));
  if (found === undefined) {
    const names = locations.map(({ name }) => name).join(', ');
    throw new AppError('invalid-input', `location: there is no such place; there are ${names}`);
  }
  return found;
}

function parseDate(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch (error) {
    throw new AppError('invalid-input', `date: ${text.slice(0, 40)} is not a date such as 2026-11-26`, {
      cause: error,
    });
  }
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
