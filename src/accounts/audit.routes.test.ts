import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Logger } from '../platform/logger.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { joinAs, PASSWORD, signUp } from '../testing/people.ts';
import { startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';

let clock: ManualClock;
let app: TestApp;
let bakery: TestBusiness;

beforeAll(async () => {
  clock = createManualClock('2026-11-24T12:00:00Z');
  app = await startApp({ clock });
  bakery = await app.business();
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const join = ({ accountId } = bakery) => joinAs(app, accountId, 'owner');

test('a change is kept: who, from where, which fields, never what they held; what was refused or only read is not', async () => {
  const { http } = app;
  const owner = await join();
  const as = { 'X-API-Key': bakery.secretKey };
  await http
    .patch('/v1/account')
    .set({ ...as, 'X-Request-Id': 'req-audit' })
    .send({ description: 'Secret plans', name: 'B' });
  await http.patch('/v1/account').set(as).send({ nonsense: 1 });
  await http.get('/v1/account').set(as);
  clock.advance(1000);
  await owner.delete('/v1/faqs/faq_none');
  const [place] = (await http.get('/v1/locations').set(as)).body.data;
  await owner.patch(`/v1/locations/${place.id}`).send({ phone: '+1 541 555 0199' });

  const { body } = await owner.get('/v1/account/audit');

  expect(body).toEqual({
    data: [
      {
        id: expect.stringMatching(/^aud_/),
        at: '2026-11-24T12:00:01.000Z',
        actorId: owner.userId,
        actorKind: 'user',
        action: 'PATCH /v1/locations/:id',
        target: { id: place.id },
        fields: ['phone'],
        address: expect.stringMatching(/127\.0\.0\.1/),
        requestId: expect.stringMatching(/^req_/),
      },
      expect.objectContaining({
        actorId: expect.stringMatching(/^key_/),
        actorKind: 'key',
        action: 'PATCH /v1/account',
        fields: ['description', 'name'],
        requestId: 'req-audit',
      }),
    ],
    nextCursor: null,
  });
  expect(JSON.stringify(body)).not.toContain('Secret plans');
});

test('it begins with the sign-up, though nobody was logged in yet, and holds nothing of the password', async () => {
  const owner = await signUp(app);

  const { body } = await owner.get('/v1/account/audit');

  expect(body.data).toMatchObject([
    {
      actorId: owner.userId,
      actorKind: 'user',
      action: 'POST /v1/auth/signup',
      fields: ['email', 'password', 'name', 'business'],
    },
  ]);
  expect(JSON.stringify(body)).not.toContain(PASSWORD);
});

test('it is paged, and each business sees its own alone', async () => {
  const mill = await app.business();
  for (const name of ['One', 'Two', 'Three']) {
    clock.advance(1000);
    await app.http.patch('/v1/account').set('X-API-Key', mill.secretKey).send({ name });
  }

  const owner = await join(mill);
  const first = await owner.get('/v1/account/audit?limit=2');
  const second = await owner.get(`/v1/account/audit?limit=2&cursor=${first.body.nextCursor}`);

  expect([first.body.data.length, second.body.data.length, second.body.nextCursor]).toEqual([2, 1, null]);
  expect(new Set([...first.body.data, ...second.body.data].map(({ id }) => id)).size).toBe(3);
});

test('after 90 days it is told no more, also where the database is late to delete it', async () => {
  clock.advance(91 * 24 * 3_600_000);

  const owner = await join(); // the sessions of then have ended
  const { body } = await owner.get('/v1/account/audit');

  expect(body.data).toEqual([]);
});

test('an entry that can’t be stored stops nobody, and is logged whole', async () => {
  const lines: object[] = [];
  const log = { ...app.service.platform.log, error: (fields: object) => void lines.push(fields) };
  await using other = await startApp({ clock, log: log as unknown as Logger });
  const { secretKey } = await other.business();
  // The database takes one entry of each kind, and no more.
  await other.service.platform.connection.collection('auditLog').createIndex({ actorKind: 1 }, { unique: true });
  await other.http.patch('/v1/account').set('X-API-Key', secretKey).send({ name: 'Changed' });

  const answer = await other.http.patch('/v1/account').set('X-API-Key', secretKey).send({ name: 'Still changed' });

  expect(answer.status).toBe(200);
  expect(lines).toContainEqual(
    expect.objectContaining({
      event: 'audit.unrecorded',
      entry: expect.objectContaining({ action: 'PATCH /v1/account', fields: ['name'] }),
    }),
  );
});

test('what an operator does to a business is seen by it', async () => {
  const mill = await app.business();
  const operator = await signUp(app);
  await app.service.auth.people.setOperator(operator.email, true);

  const patched = await operator.patch(`/v1/admin/accounts/${mill.accountId}`).send({ plan: 'starter' });

  expect(patched.status).toBe(200);
  const owner = await join(mill);
  const { body } = await owner.get('/v1/account/audit');
  expect(body.data).toMatchObject([{ actorKind: 'operator', actorId: operator.userId, fields: ['plan'] }]);
});
