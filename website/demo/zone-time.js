/**
 * The wall-clock time somewhere, as a `datetime-local` field writes it: `2026-11-24T06:05:00`.
 * @param {number} ms since the epoch
 * @param {string} timeZone IANA name
 */
export function wallTimeOf(ms, timeZone) {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(ms).replace(' ', 'T');
}

/**
 * The moment, in ms since the epoch, at which clocks there show that time; NaN for what is no time. Of a time that a shift to
 * winter repeats, one of both; one that a shift to summer leaves out is as much earlier or later.
 * @param {string} wallTime
 * @param {string} timeZone
 */
export function momentOf(wallTime, timeZone) {
  const asUtc = Date.parse(`${wallTime}Z`);
  if (Number.isNaN(asUtc)) return NaN;
  const offsetAt = (/** @type {number} */ ms) => Date.parse(`${wallTimeOf(ms, timeZone)}Z`) - ms;
  // The first guess may lie beyond a shift; the offset at the second is that of the result.
  return asUtc - offsetAt(asUtc - offsetAt(asUtc));
}

/**
 * The next midnight there.
 * @param {number} ms
 * @param {string} timeZone
 */
export function endOfDay(ms, timeZone) {
  const midnight = Date.parse(`${wallTimeOf(ms, timeZone).slice(0, 10)}T24:00:00Z`);
  return momentOf(new Date(midnight).toISOString().slice(0, 19), timeZone);
}

/**
 * `2 h 5 min`, `4 min 9 s`.
 * @param {number} ms
 */
export function sayDuration(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
