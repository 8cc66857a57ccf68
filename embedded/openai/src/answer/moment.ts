/** The line by which the service says what day it is where the business is. */
const LOCAL_DATE = /local date and time:[^\n]*?(\d{4}-\d{2}-\d{2})/i;

/** The business's date: as the newest of the facts states it, otherwise the date in UTC. */
export function readToday(facts: string[], nowMs: number): Temporal.PlainDate {
  for (const fact of facts.toReversed()) {
    const stated = LOCAL_DATE.exec(fact)?.[1];
    const date = stated === undefined ? undefined : parseDate(stated);
    if (date) return date;
  }
  return Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO('UTC').toPlainDate();
}

/** A date that exists, or undefined. */
export function parseDate(text: string): Temporal.PlainDate | undefined {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    return undefined;
  }
}
