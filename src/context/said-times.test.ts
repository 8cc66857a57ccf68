import { expect, test } from '@jest/globals';
import { saidPeriods } from './said-times.ts';

const p = (...periods: string[]) => periods.map((period) => ({ open: period.slice(0, 5), close: period.slice(6) }));

test.each([
  [p(), 'closed'],
  [p('00:00-24:00'), 'open 24 hours'],
  [p('00:00-00:00'), 'open 24 hours'],
  [p('07:00-13:00', '14:00-18:00'), '7 am to 1 pm and 2 pm to 6 pm'],
  [p('07:30-12:00', '13:00-15:15', '20:00-24:00'), '7:30 am to noon, 1 pm to 3:15 pm and 8 pm to midnight'],
  [p('18:00-02:00'), '6 pm to 2 am'],
  [p('18:00-12:00'), '6 pm to noon the next day'],
  [p('00:00-00:30'), 'midnight to 12:30 am'],
])('%j is said as: %s', (periods, said) => {
  expect(saidPeriods(periods)).toBe(said);
});
