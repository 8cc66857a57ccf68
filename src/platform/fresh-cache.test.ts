import { expect, test } from '@jest/globals';
import { createManualClock } from '../testing/manual-clock.ts';
import { createFreshCache } from './fresh-cache.ts';

/** A cache whose loads are answered by the test. */
function aCache() {
  const clock = createManualClock('2026-11-24T12:00:00Z');
  const loads: PromiseWithResolvers<string>[] = [];
  const cache = createFreshCache(clock, { freshMs: 5000, max: 10 }, () => {
    const load = Promise.withResolvers<string>();
    loads.push(load);
    return load.promise;
  });
  return { clock, loads, cache };
}

test.each(['forget', 'forgetAll'] as const)(
  'whoever waits while something changes is answered; it is read anew after that (%s)',
  async (forget) => {
    const { cache, loads } = aCache();
    const waiting = cache.get('a');
    cache[forget]('a');
    loads[0]?.resolve('before');
    expect(await waiting).toBe('before');

    const next = cache.get('a');
    loads[1]?.resolve('after');
    expect(await next).toBe('after');
  },
);

test('those who ask at once share one load, and it is read anew after the time', async () => {
  const { cache, loads, clock } = aCache();
  const asked = Promise.all([cache.get('a'), cache.get('a')]);
  loads[0]?.resolve('first');
  expect(await asked).toEqual(['first', 'first']);
  clock.advance(4999);
  expect(await cache.get('a')).toBe('first');
  clock.advance(2);

  const next = cache.get('a');
  loads[1]?.resolve('second');
  expect(await next).toBe('second');
  expect(loads).toHaveLength(2);
});

test('a load that fails is not kept', async () => {
  const { cache, loads } = aCache();
  const failing = cache.get('a');
  loads[0]?.reject(new Error('away'));
  await expect(failing).rejects.toThrow('away');

  const next = cache.get('a');
  loads[1]?.resolve('back');
  expect(await next).toBe('back');
});
