import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';

const MINUTE_MS = 60_000;

let clock: ManualClock;
let app: TestApp;
let bakery: TestBusiness;

beforeEach(async () => {
  clock = createManualClock('2026-11-24T20:00:00Z');
  app = await startApp({ clock });
  bakery = await app.business();
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
});

const asOwner = (method: 'get' | 'post' | 'delete', path: string) =>
  app.http[method](path).set('X-API-Key', bakery.secretKey);

const addNote = (note: object) => asOwner('post', '/v1/local-context').send(note);

async function isTold(): Promise<{ byFacts: boolean; bySearch: boolean }> {
  const { context } = app.service;
  const facts = await context.describeNow(bakery.accountId, clock.now());
  const passages = await context.search(bakery.accountId, 'oven broken pastries', 5);
  return {
    byFacts: facts.includes('The oven is broken'),
    bySearch: passages.some(({ text }) => text.includes('The oven is broken')),
  };
}

test('a note becomes a file of its own, is told, and is invisible from the minute it ends, before any sync', async () => {
  const { body: note } = await addNote({ text: 'The oven is broken, no pastries.', expiresAt: '2026-11-24T21:00:00Z' });
  const result = await app.service.context.sync(bakery.accountId);
  expect(result).toMatchObject({ uploaded: [`local/${note.id}.md`] });
  expect(await isTold()).toEqual({ byFacts: true, bySearch: true });

  clock.advance(59 * MINUTE_MS);
  expect(await isTold()).toEqual({ byFacts: true, bySearch: true });
  clock.advance(MINUTE_MS);
  expect(await isTold()).toEqual({ byFacts: false, bySearch: false });
  expect((await asOwner('get', '/v1/local-context')).body.data).toEqual([]);
});

test('the end of a note makes a sync due, which removes its file', async () => {
  const { body: note } = await addNote({ text: 'The oven is broken.', expiresAt: '2026-11-24T21:00:00Z' });
  clock.advance(MINUTE_MS);
  await app.service.context.sync(bakery.accountId);
  expect(await app.service.accounts.listSyncDue(10)).toEqual([]);

  clock.advance(59 * MINUTE_MS);
  expect(await app.service.accounts.listSyncDue(10)).toEqual([bakery.accountId]);
  expect(await app.service.context.sync(bakery.accountId)).toMatchObject({ removed: [`local/${note.id}.md`] });
});

test('a note that begins later is not told before', async () => {
  await addNote({ text: 'The oven is broken.', startsAt: '2026-11-24T20:30:00Z', expiresAt: '2026-11-24T21:00:00Z' });
  await app.service.context.sync(bakery.accountId);
  expect(await isTold()).toEqual({ byFacts: false, bySearch: false });

  clock.advance(30 * MINUTE_MS);
  expect(await isTold()).toEqual({ byFacts: true, bySearch: true });
});

test('a note that is taken back is gone after the next sync', async () => {
  const { body: note } = await addNote({ text: 'The oven is broken.', expiresAt: '2026-11-24T21:00:00Z' });
  await app.service.context.sync(bakery.accountId);

  expect((await asOwner('delete', `/v1/local-context/${note.id}`)).status).toBe(204);
  await app.service.context.sync(bakery.accountId);

  expect(await isTold()).toEqual({ byFacts: false, bySearch: false });
  expect((await asOwner('delete', `/v1/local-context/${note.id}`)).status).toBe(404);
});

test.each([
  [{ text: 'x', expiresAt: '2026-11-24T19:00:00Z' }, 'expiresAt'],
  [{ text: 'x', startsAt: '2026-11-24T23:00:00Z', expiresAt: '2026-11-24T22:00:00Z' }, 'expiresAt'],
  [{ text: '', expiresAt: '2026-11-24T21:00:00Z' }, 'text'],
  [{ text: 'x', expiresAt: 'tomorrow' }, 'expiresAt'],
])('%j is refused by the name of its field', async (note, path) => {
  const answer = await addNote(note);

  expect(answer.status).toBe(400);
  expect(answer.body.errors).toEqual([expect.objectContaining({ path })]);
});
