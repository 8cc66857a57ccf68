import { expect, test } from '@jest/globals';
import { findDate } from './dates.ts';

const TUESDAY = Temporal.PlainDate.from('2026-11-24');

test.each([
  ['are you open today?', '2026-11-24'],
  ['tmrw morning', '2026-11-25'],
  ['the day after tomorrow', '2026-11-26'],
  ['on Tuesday', '2026-11-24'],
  ['next Tuesday', '2026-12-01'],
  ['this sat?', '2026-11-28'],
  ['r u open sun', '2026-11-29'],
  ['Dec 24th', '2026-12-24'],
  ['the 3rd of January', '2027-01-03'],
  ['12/31', '2026-12-31'],
  ['2027-02-28', '2027-02-28'],
  ['Christmas Eve', '2026-12-24'],
  ["New Year's", '2027-01-01'],
  ['Thanksgiving', '2026-11-26'],
  ['Labor Day', '2027-09-06'],
  ['Memorial Day', '2027-05-31'],
  ['Easter', '2027-03-28'],
  ['february 29', '2028-02-29'],
])('%s, seen from Tuesday, 24 November 2026, is %s', (text, date) => {
  expect(findDate(text, TUESDAY)?.date?.toString()).toBe(date);
});

test.each(['Is the sun conure seed fresh?', '2026-13-45', 'I sat down', '24/7 support'])('%s names no day', (text) => {
  expect(findDate(text, TUESDAY)).toBeUndefined();
});

test('now is no date', () => {
  expect(findDate('are you open right now', TUESDAY)).toEqual({ date: null, words: 'right now' });
});
