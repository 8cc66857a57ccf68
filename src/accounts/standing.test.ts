import { expect, test } from '@jest/globals';
import { systemClock } from '../platform/clock.ts';
import { createStandings, type Standing } from './standing.ts';

test('whoever waits for a standing while the business changes is answered; it is read anew after that', async () => {
  const readings: PromiseWithResolvers<Standing>[] = [];
  const standings = createStandings(systemClock, () => {
    const reading = Promise.withResolvers<Standing>();
    readings.push(reading);
    return reading.promise;
  });
  const [before, after] = ['before', 'after'].map((name) => ({ name }) as Standing);
  const waiting = standings.getStanding('acc_1');
  standings.forgetStanding('acc_1');
  readings[0]?.resolve(before as Standing);
  expect(await waiting).toBe(before);

  const next = standings.getStanding('acc_1');
  readings[1]?.resolve(after as Standing);
  expect(await next).toBe(after);
});
