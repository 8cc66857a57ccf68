import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMailbox, logIn, openBrowser, PASSWORD, signUp, type TestBrowser } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';
import { createMailTokenModel } from './mail-token.model.ts';

const MINUTE_MS = 60_000;
const NEW_PASSWORD = 'another four words';
const clock = createManualClock(new Date().toISOString());
const mailbox = createMailbox();
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ clock, outbox: mailbox }, { PUBLIC_URL: 'http://chat.example' });
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

/** A program that has no page, and no cookies. */
const post = (path: string, body: object) => app.http.post(`/v1/auth/${path}`).send(body);
const confirm = (browser: TestBrowser, token: string) => browser.post('/v1/auth/verify-email').send({ token });
const mailsTo = (address: string) => mailbox.mails.filter(({ to }) => to === address);

describe('the mail that confirms an address', () => {
  test('links to a page of ours, and its token is good once', async () => {
    const ann = await signUp(app);
    const token = await mailbox.tokenTo(ann.email, /confirm/);
    expect(mailsTo(ann.email)[0]?.text).toContain(`http://chat.example/verify-email#token=${token}\n`);

    await confirm(ann, token).expect(204);

    expect((await ann.get('/v1/me')).body.user.emailVerified).toBe(true);
    const again = await confirm(ann, token).expect(400);
    expect(again.body.detail).toMatch(/^token: was used already/);
  });

  test('is good for 24 hours; another one can be asked for, and ends the first', async () => {
    const ann = await signUp(app);
    const first = await mailbox.tokenTo(ann.email, /confirm/);
    clock.advance(24 * 60 * MINUTE_MS);
    const browser = await logIn(app, ann.email);
    await confirm(browser, first).expect(400);

    await browser.post('/v1/auth/resend-verification').send({}).expect(202);
    const second = await mailbox.tokenTo(ann.email, /confirm/);
    await browser.post('/v1/auth/resend-verification').send({}).expect(202);
    const third = await mailbox.tokenTo(ann.email, /confirm/);
    expect(new Set([first, second, third]).size).toBe(3);
    await confirm(browser, second).expect(400);
    await confirm(browser, third).expect(204);
  });

  test('is for whom it was written: who signed up with a stranger’s address is not helped by a click', async () => {
    const [ann, stranger] = [await signUp(app), await signUp(app)];
    const token = await mailbox.tokenTo(ann.email, /confirm/);

    await confirm(stranger, token).expect(400);
    await post('verify-email', { token }).expect(401);

    await confirm(ann, token).expect(204);
  });
});

describe('a forgotten password', () => {
  test('is answered the same for a known and an unknown address', async () => {
    const ann = await signUp(app);
    const known = await post('forgot-password', { email: ann.email });
    const unknown = await post('forgot-password', { email: 'nobody@people.example' });
    expect([known.status, known.body]).toEqual([202, { status: 'check-your-mail' }]);
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    await mailbox.tokenTo(ann.email, /new password/);
    await app.service.auth.stop();
    expect(mailsTo('nobody@people.example')).toEqual([]);
  });

  test('is replaced once by the token; all sessions end, the address is confirmed, and a mail tells of it', async () => {
    const ann = await signUp(app);
    await post('forgot-password', { email: ann.email });
    const token = await mailbox.tokenTo(ann.email, /new password/);

    await post('reset-password', { token, password: NEW_PASSWORD }).expect(204);

    await ann.get('/v1/me').expect(401);
    await ann.post('/v1/auth/refresh').send({}).expect(401);
    await openBrowser(app).post('/v1/auth/login').send({ email: ann.email, password: PASSWORD }).expect(401);
    const browser = await logIn(app, ann.email, NEW_PASSWORD);
    expect((await browser.get('/v1/me')).body.user.emailVerified).toBe(true);
    await post('reset-password', { token, password: 'yet another one' }).expect(400);
    await app.service.auth.stop();
    expect(mailsTo(ann.email).at(-1)?.subject).toBe('Your password was changed');
  });

  test('two who use the token at once: one wins', async () => {
    const ann = await signUp(app);
    await post('forgot-password', { email: ann.email });
    const token = await mailbox.tokenTo(ann.email, /new password/);
    const [first, second] = await Promise.all(
      ['first of passwords', 'second of words'].map((password) => post('reset-password', { token, password })),
    );
    expect([first?.status, second?.status].toSorted()).toEqual([204, 400]);
  });

  test('a password that is refused does not use the token up', async () => {
    const ann = await signUp(app);
    await post('forgot-password', { email: ann.email });
    const token = await mailbox.tokenTo(ann.email, /new password/);
    await post('reset-password', { token, password: 'password1' }).expect(400);
    await post('reset-password', { token, password: 'corner bakery 1' }).expect(400);
    await post('reset-password', { token, password: NEW_PASSWORD }).expect(204);
  });

  test('the token is good for 30 minutes, for that purpose, and is kept as a hash', async () => {
    const ann = await signUp(app);
    await post('forgot-password', { email: ann.email });
    const token = await mailbox.tokenTo(ann.email, /new password/);
    await confirm(ann, token).expect(400);
    const stored = await createMailTokenModel(app.service.platform.connection).find({ userId: ann.userId }).lean();
    expect(stored.map(({ purpose }) => purpose).toSorted()).toEqual(['reset', 'verify']);
    expect(JSON.stringify(stored)).not.toContain(token);
    clock.advance(30 * MINUTE_MS);
    await post('reset-password', { token, password: NEW_PASSWORD }).expect(400);
  });

  test('mails somebody at most three times an hour', async () => {
    const ann = await signUp(app);
    for (let asked = 0; asked < 5; asked += 1) await post('forgot-password', { email: ann.email }).expect(202);
    await app.service.auth.stop();
    expect(mailsTo(ann.email).filter(({ subject }) => /new password/.test(subject)).length).toBe(3);
  });
});

describe('changing the password', () => {
  test('needs the current one, and ends the other sessions', async () => {
    const ann = await signUp(app);
    const phone = await logIn(app, ann.email);
    const change = (currentPassword: string, newPassword: string) =>
      ann.post('/v1/auth/change-password').send({ currentPassword, newPassword });

    await change('not the right one', NEW_PASSWORD).expect(401);
    const weak = await change(PASSWORD, 'password1').expect(400);
    expect(weak.body.errors).toEqual([{ path: 'newPassword', message: expect.stringMatching(/common/) }]);
    await change(PASSWORD, NEW_PASSWORD).expect(204);

    await ann.get('/v1/me').expect(200);
    await phone.get('/v1/me').expect(401);
    await logIn(app, ann.email, NEW_PASSWORD);
  });

  test('ends the links to reset it that are still about', async () => {
    const ann = await signUp(app);
    await post('forgot-password', { email: ann.email });
    const token = await mailbox.tokenTo(ann.email, /new password/);
    await ann
      .post('/v1/auth/change-password')
      .send({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD })
      .expect(204);
    await post('reset-password', { token, password: 'yet another one' }).expect(400);
  });
});
