import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMailbox, openBrowser, PASSWORD, signUp, type TestPerson } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';

let app: TestApp;
/** One a route, signed up before what is sent there uses up the sign-ups of an hour. */
const people: TestPerson[] = [];

beforeAll(async () => {
  app = await startApp({ outbox: createMailbox() });
  for (const _input of inputs) people.push(await signUp(app));
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const EMAIL = 'a@b.example';
const inputs = [
  [
    'post',
    '/v1/auth/signup',
    { email: EMAIL, password: PASSWORD, name: 'A', business: { name: 'B', timezone: 'UTC' } },
  ],
  ['post', '/v1/auth/login', { email: EMAIL, password: PASSWORD }],
  ['post', '/v1/auth/refresh', {}],
  ['post', '/v1/auth/logout', { everywhere: false }],
  ['post', '/v1/auth/verify-email', { token: 'x' }],
  ['post', '/v1/auth/forgot-password', { email: EMAIL }],
  ['post', '/v1/auth/reset-password', { token: 'x', password: PASSWORD }],
  ['post', '/v1/auth/change-password', { currentPassword: PASSWORD, newPassword: PASSWORD }],
  ['post', '/v1/auth/accept-invitation', { token: 'x', name: 'A', password: PASSWORD }],
  ['post', '/v1/team/invitations', { email: EMAIL, role: 'viewer' }],
  ['patch', '/v1/team/usr_x', { role: 'viewer' }],
  ['delete', '/v1/auth/sessions/%00', undefined],
  ['delete', '/v1/team/%F0%9F%A5%96', undefined],
] as const;

const oddity = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', '\ud800', `x'"$where`, '{{7*7}}', '\r\nBcc: evil@b.example', 'a'.repeat(5000)),
  fc.constant({ $gt: '' }),
);

test.each(inputs)(
  '%s %s: whatever is sent, by whoever, is answered and is never our fault',
  async (method, path, body) => {
    const person = people.pop() as TestPerson;
    const names = Object.keys(body ?? {});
    const broken = fc.record({ name: fc.constantFrom('extra', ...names), value: oddity, cookie: oddity });
    await fc.assert(
      fc.asyncProperty(broken, async ({ name, value, cookie }) => {
        const stranger = openBrowser(app);
        stranger.cookies.set('cb_refresh', encodeURIComponent(JSON.stringify(cookie)));
        stranger.cookies.set('cb_session', encodeURIComponent(JSON.stringify(cookie)));
        for (const browser of [person, stranger]) {
          const answer = await browser[method](path).send(body && { ...body, [name]: value });
          expect(answer.status).toBeLessThan(500);
        }
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);
