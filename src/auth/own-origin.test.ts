import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORD, signUp, type TestPerson } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';

let app: TestApp;
let ann: TestPerson;

beforeAll(async () => {
  app = await startApp();
  ann = await signUp(app);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const cookies = () => [...ann.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** As a browser sends it that another site's page has in its hands: with the cookies. */
const patch = (headers: Record<string, string>) =>
  app.http
    .patch('/v1/account')
    .set({ Host: 'chat.example', Cookie: cookies(), ...headers })
    .send({ description: 'x' });

describe('what changes something is refused from', () => {
  test.each([
    'https://evil.example',
    'http://chat.example.evil.example',
    'http://evil-chat.example',
    'http://sub.chat.example',
    'http://chat.example:8080',
    'http://chat.example/',
    'http://chat.example@evil.example',
    'null',
    'file://',
    'chat.example',
    'ftp://chat.example',
    '',
  ])('the origin %j', async (origin) => {
    const answer = await patch({ Origin: origin }).expect(403);
    expect(answer.body.type).toMatch(/foreign-origin$/);
  });

  test('no origin at all; the answer says what to send', async () => {
    const answer = await patch({ Referer: 'http://chat.example/' }).expect(403);
    expect(answer.body.detail).toBe(
      'The request names no Origin; programs without a browser send Origin: http://chat.example',
    );
  });
});

test.each(['http://chat.example', 'https://chat.example'])('%s is ours, behind whatever proxy', async (origin) => {
  await patch({ Origin: origin }).expect(200);
});

test('the port counts', async () => {
  await patch({ Host: 'localhost:3000', Origin: 'http://localhost:3000' }).expect(200);
  await patch({ Host: 'localhost:3000', Origin: 'http://localhost:5173' }).expect(403);
});

test('reading needs no origin; its answer is readable by no other page', async () => {
  const answer = await app.http.get('/v1/me').set({ Cookie: cookies(), Origin: 'https://evil.example' });
  expect(answer.status).toBe(200);
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
});

test.each([
  ['login', { email: 'a@b.example', password: PASSWORD }],
  ['signup', { email: 'a@b.example', password: PASSWORD, name: 'A', business: { name: 'B' } }],
  ['refresh', {}],
  ['logout', {}],
  ['accept-invitation', { token: 'x' }],
])('%s sets cookies for pages of ours alone', async (name, body) => {
  for (const origin of ['https://evil.example', undefined]) {
    const request = app.http.post(`/v1/auth/${name}`).set('Cookie', cookies());
    const answer = await (origin === undefined ? request : request.set('Origin', origin)).send(body);
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  await ann.get('/v1/me').expect(200);
});

test('a key goes before a cookie, and its request needs no origin', async () => {
  const bakery = await app.business();
  const byKey = app.http.get('/v1/account').set({ Cookie: cookies(), 'X-API-Key': bakery.secretKey });
  expect((await byKey.expect(200)).body.id).toBe(bakery.accountId);
  const made = await app.http.patch('/v1/account').set('X-API-Key', bakery.secretKey).send({ description: 'y' });
  expect(made.status).toBe(200);
  expect(made.headers['set-cookie']).toBeUndefined();
});

test('nobody is told apart: without a cookie it is a login that is missing', async () => {
  const answer = await app.http.get('/v1/me').expect(401);
  expect(answer.body.type).toMatch(/not-logged-in$/);
  await app.http.get('/v1/account').expect(401);
});
