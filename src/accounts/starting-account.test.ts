import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type TestApp } from '../testing/start-app.ts';
import { createStartingAccount, slugOf } from './starting-account.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

test.each([
  ['Café Müller & Söhne', 'cafe-muller-sohne'],
  ['  The Bendt Baguette!', 'the-bendt-baguette'],
  ['茶馆', 'business'],
  ['x'.repeat(120), 'x'.repeat(50)],
  [`${'x'.repeat(49)} y`, 'x'.repeat(49)],
])('the slug of %j is %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

test('a second business of the same name gets a slug of its own; a chosen slug that is taken is refused', async () => {
  const { accounts } = app.service;
  const first = await createStartingAccount(accounts, { name: 'Tea House' });
  const second = await createStartingAccount(accounts, { name: 'Tea House' });

  expect(first.slug).toBe('tea-house');
  expect(second.slug).toMatch(/^tea-house-\d+$/);
  await expect(createStartingAccount(accounts, { name: 'Tea House', slug: 'tea-house' })).rejects.toMatchObject({
    code: 'conflict',
    detail: 'slug: tea-house is taken',
  });
});

describe('of a business that has told only its name', () => {
  test('visitors are told nothing of address and hours, in files, facts of the moment, function and widget', async () => {
    const { accounts, context } = app.service;
    const { _id } = await createStartingAccount(accounts, { name: 'Bare Shop', timezone: 'Europe/Paris' });

    expect(await context.sync(_id)).toMatchObject({ uploaded: ['profile.md'] });
    const profile = await context.readFile(_id, 'profile.md');
    expect(profile).not.toMatch(/Address|reach|find/);
    const told = await context.describeNow(_id, new Date('2026-11-24T12:00:00Z'));
    expect(told).toBe(
      'Local date and time: Tuesday, 2026-11-24 13:00 (Europe/Paris)\nBare Shop: the opening hours are not written down here',
    );
    expect(await context.openingHours(_id, { date: null, location: null })).toMatchObject({
      said: "I don't know the opening hours of Bare Shop.",
      closed: null,
      openNow: '',
    });
  });

  test('hours that are written down are told from then on', async () => {
    const { accounts, context } = app.service;
    const { _id } = await createStartingAccount(accounts, { name: 'Growing Shop' });
    await accounts.putHours(_id, {
      timezone: 'UTC',
      weekly: { mon: [{ open: '09:00', close: '17:00' }] },
      exceptions: [],
    });

    expect(await context.sync(_id)).toMatchObject({ uploaded: expect.arrayContaining(['hours.md']) });
    expect(await context.openingHours(_id, { date: '2026-11-23', location: null })).toMatchObject({ closed: false });
  });
});
