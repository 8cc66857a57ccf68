import { isPastMidnight, type Period } from '../accounts/opening-hours.schema.ts';

const monthAndDay = { weekday: 'long', month: 'long', day: 'numeric' } as const;

/** "7 am", "2:30 pm", "noon", "midnight" for `HH:MM`, 24:00 included. */
export function saidTime(time: string): string {
  const hour = Number(time.slice(0, 2)) % 24;
  const minute = time.slice(3, 5);
  if (minute === '00' && hour % 12 === 0) return hour === 0 ? 'midnight' : 'noon';
  return `${hour % 12 || 12}${minute === '00' ? '' : `:${minute}`} ${hour < 12 ? 'am' : 'pm'}`;
}

/** "7 am to 1 pm and 2 pm to 6 pm", "open 24 hours", "closed". */
export function saidPeriods(periods: Period[]): string {
  if (periods.length === 0) return 'closed';
  if (periods.length === 1 && isAllDay(periods)) return 'open 24 hours';
  const said = periods.map(saidPeriod);
  return said.length === 1 ? said.join() : `${said.slice(0, -1).join(', ')} and ${said.at(-1)}`;
}

function isAllDay([period]: Period[]): boolean {
  return period?.open === '00:00' && (period.close === '24:00' || period.close === '00:00');
}

function saidPeriod(period: Period): string {
  const isLongPastMidnight = isPastMidnight(period) && period.close > '06:00'; // "6 pm to 2 am" needs no more words
  return `${saidTime(period.open)} to ${saidTime(period.close)}${isLongPastMidnight ? ' the next day' : ''}`;
}

/** "Sunday, November 29", with the year if it isn't `year`. */
export function saidDate(date: Temporal.PlainDate, year: number): string {
  return date.toLocaleString('en-US', date.year === year ? monthAndDay : { ...monthAndDay, year: 'numeric' });
}

/** "Sunday" */
export function saidWeekday(date: Temporal.PlainDate): string {
  return date.toLocaleString('en-US', { weekday: 'long' });
}

/** "at 2 pm", "tomorrow at 7 am", "Friday at 7 am", "Monday, December 28, at 7 am": as one says it on `today`. */
export function saidOpening(opening: Temporal.ZonedDateTime, today: Temporal.PlainDate): string {
  const time = hourAndMinute(opening);
  const date = opening.toPlainDate();
  // "Friday at midnight" is the end of Friday to most readers: an opening at 00:00 is told otherwise.
  if (time === '00:00') {
    return daysBetween(today, date) === 1 ? 'tonight at midnight' : `${saidDay(date, today)} at 12 am`.trim();
  }
  return `${saidDay(date, today)} at ${saidTime(time)}`.trim();
}

/** "3 pm", "midnight", "2 am" of the coming night, "tomorrow at 3 pm", "Wednesday at midnight" (the end of it). */
export function saidClosing(closing: Temporal.ZonedDateTime, now: Temporal.ZonedDateTime): string {
  const time = hourAndMinute(closing);
  const today = now.toPlainDate();
  const date = time === '00:00' ? closing.toPlainDate().subtract({ days: 1 }) : closing.toPlainDate();
  const days = daysBetween(today, date);
  const isThisNight = days === 1 && time < '06:00' && time < hourAndMinute(now);
  return days === 0 || isThisNight ? saidTime(time) : `${saidDay(date, today)} at ${saidTime(time)}`;
}

function saidDay(date: Temporal.PlainDate, today: Temporal.PlainDate): string {
  const days = daysBetween(today, date);
  if (days === 0) return '';
  if (days === 1) return 'tomorrow';
  return days < 7 ? saidWeekday(date) : `${saidDate(date, today.year)},`;
}

function daysBetween(from: Temporal.PlainDate, to: Temporal.PlainDate): number {
  return from.until(to, { largestUnit: 'days' }).days;
}

function hourAndMinute(time: Temporal.ZonedDateTime): string {
  return time.toPlainTime().toString({ smallestUnit: 'minute' });
}

/** "Tuesday, November 24, 2026, 2:05 pm" */
export function saidMoment(moment: Temporal.ZonedDateTime): string {
  return `${moment.toPlainDate().toLocaleString('en-US', { ...monthAndDay, year: 'numeric' })}, ${saidTime(hourAndMinute(moment))}`;
}
