import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import supertest from 'supertest';
import { createManualClock } from '../testing/manual-clock.ts';
import { joinAs, logIn, openBrowser, PASSWORD, signUp, type TestBrowser } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const clock = createManualClock(new Date().toISOString());
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
const logged = (event: string) =>
  lines.map((line) => JSON.parse(line) as { event: string; level: number }).filter((line) => line.event === event);

let app: TestApp;
/** The same service in another process. */
let other: Pick<TestApp, 'http'>;

beforeAll(async () => {
  app = await startApp({ clock, log });
  other = { http: supertest((await app.sibling()).app) };
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

/** Another tab or process that has the same cookies. */
function copyOf(browser: TestBrowser, at: Pick<TestApp, 'http'> = app): TestBrowser {
  const copy = openBrowser(at);
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}

const refresh = (browser: TestBrowser) => browser.post('/v1/auth/refresh');

describe('refreshing', () => {
  test('gives new cookies, and the session goes on', async () => {
    const ann = await signUp(app);
    const before = new Map(ann.cookies);
    clock.advance(16 * 60_000);
    await ann.get('/v1/me').expect(401);

    await refresh(ann).expect(204);

    expect(ann.cookies.get('cb_session')).not.toBe(before.get('cb_session'));
    expect(ann.cookies.get('cb_refresh')).not.toBe(before.get('cb_refresh'));
    await ann.get('/v1/me').expect(200);
  });

  test('by a token that was used before ends the session for thief and owner, and is logged', async () => {
    const ann = await signUp(app);
    const thief = copyOf(ann);
    await refresh(ann).expect(204);
    clock.advance(20_001);
    lines.length = 0;

    await refresh(thief).expect(401);

    expect(logged('session.reuse')).toMatchObject([{ level: 40, userId: ann.userId, generation: 1, current: 2 }]);
    expect(thief.cookies.size).toBe(0);
    await ann.get('/v1/me').expect(401);
    await refresh(ann).expect(401);
  });

  test('by two tabs at once is no reuse: both get the token that is good', async () => {
    const ann = await signUp(app);
    const [tab, third] = [copyOf(ann), copyOf(ann, other)];

    const answers = await Promise.all([refresh(ann), refresh(tab), refresh(third)]);

    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(tab.cookies.get('cb_refresh')).toBe(ann.cookies.get('cb_refresh'));
    expect(third.cookies.get('cb_refresh')).toBe(ann.cookies.get('cb_refresh'));
    clock.advance(60_000);
    await refresh(tab).expect(204);
  });

  test('by a token two generations old is reuse, however soon', async () => {
    const ann = await signUp(app);
    const old = copyOf(ann);
    await refresh(ann).expect(204);
    await refresh(ann).expect(204);
    await refresh(old).expect(401);
    await refresh(ann).expect(401);
  });

  test.each([
    ['another generation', (token: string) => token.replace(/\.1\./, '.2.')],
    ['another session', (token: string) => token.replace(/^ses_./, 'ses_1')],
    ['a flipped bit', (token: string) => token.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['nothing', () => ''],
    ['an operator of the database', () => '{"$gt":""}'],
  ])('by a tampered token (%s) is refused and ends nothing', async (_what, tamper) => {
    const ann = await signUp(app);
    const forger = copyOf(ann);
    forger.cookies.set('cb_refresh', tamper(ann.cookies.get('cb_refresh') ?? ''));
    await refresh(forger).expect(401);
    await ann.get('/v1/me').expect(200);
    await refresh(ann).expect(204);
  });

  test('slides 30 days with each use, but never beyond 90', async () => {
    const [idle, busy] = [await signUp(app), await signUp(app)];
    clock.advance(30 * DAY_MS - 1000);
    await refresh(busy).expect(204);
    clock.advance(1000);
    await refresh(idle).expect(401);
    clock.advance(29 * DAY_MS);
    await refresh(busy).expect(204);
    clock.advance(29 * DAY_MS);
    await refresh(busy).expect(204);
    clock.advance(2 * DAY_MS + 1000);
    await refresh(busy).expect(401);
  });
});

describe('logging in', () => {
  test('never adopts a session that was there before, and ends it', async () => {
    const attacker = await signUp(app);
    const victim = await signUp(app);
    const browser = copyOf(attacker);

    await browser.post('/v1/auth/login').send({ email: victim.email, password: PASSWORD }).expect(200);

    expect(browser.cookies.get('cb_refresh')?.split('.')[0]).not.toBe(
      attacker.cookies.get('cb_refresh')?.split('.')[0],
    );
    expect((await browser.get('/v1/me')).body.user.id).toBe(victim.userId);
    await attacker.get('/v1/me').expect(401);
  });

  test('sets cookies that no script reads and no other site sends', async () => {
    const ann = await signUp(app);
    const { headers } = await openBrowser(app).post('/v1/auth/login').send({ email: ann.email, password: PASSWORD });
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^cb_session=[^;]+; Max-Age=900; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^cb_refresh=[^;]+; Path=\/v1\/auth; Expires=[^;]+; HttpOnly; SameSite=Strict$/),
    ]);
  });

  test('under https the cookies are secure and have prefixes', async () => {
    await using secure = await startApp({}, { PUBLIC_URL: 'https://chat.example' });
    const send = (origin: string) =>
      secure.http
        .post('/v1/auth/signup')
        .set('Origin', origin)
        .send({ email: 'a@b.example', password: PASSWORD, name: 'A', business: { name: 'Shop' } });
    await send('http://chat.example').expect(403);
    const { headers } = await send('https://chat.example').expect(201);
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-cb_session=[^;]+; Max-Age=900; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
      ),
      expect.stringMatching(
        /^__Secure-cb_refresh=[^;]+; Path=\/v1\/auth; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
  });

  test('a person has at most 50 sessions: the oldest ends', async () => {
    const ann = await signUp(app);
    for (let made = 0; made < 50; made += 1) {
      clock.advance(1);
      await app.service.auth.sessionStore.start(ann.userId, { device: '', address: '' });
    }
    await ann.get('/v1/me').expect(401);
    expect((await app.service.auth.sessionStore.list(ann.userId)).length).toBe(50);
  });
});

describe('logging out', () => {
  test('ends the session, not only its cookies', async () => {
    const ann = await signUp(app);
    const stolen = copyOf(ann);
    await ann.get('/v1/me').expect(200);

    await ann.post('/v1/auth/logout').send({}).expect(204);

    expect(ann.cookies.size).toBe(0);
    await stolen.get('/v1/me').expect(401);
    await refresh(stolen).expect(401);
  });

  test('everywhere ends all sessions of that person and of nobody else', async () => {
    const [ann, bob] = [await signUp(app), await signUp(app)];
    const phone = await logIn(app, ann.email);
    await ann.post('/v1/auth/logout').send({ everywhere: true }).expect(204);
    await phone.get('/v1/me').expect(401);
    await bob.get('/v1/me').expect(200);
  });

  test('a person sees where they are logged in and ends one of it; others can not', async () => {
    const [ann, bob] = [await signUp(app), await signUp(app)];
    const phone = openBrowser(app);
    await phone.post('/v1/auth/login').set('User-Agent', 'A phone').send({ email: ann.email, password: PASSWORD });

    const { body } = await ann.get('/v1/auth/sessions').expect(200);
    const ofPhone = body.data.find((session: { device: string }) => session.device === 'A phone');
    expect(body.data.length).toBe(2);
    expect(ofPhone).toMatchObject({ isThis: false, address: '127.0.0.1' });
    await bob.delete(`/v1/auth/sessions/${ofPhone.id}`).expect(404);
    await phone.get('/v1/me').expect(200);
    await ann.delete(`/v1/auth/sessions/${ofPhone.id}`).expect(204);
    await phone.get('/v1/me').expect(401);
    await ann.get('/v1/me').expect(200);
  });
});

describe('another process', () => {
  test('takes the session, and refuses it within 5 s of its end', async () => {
    const ann = await signUp(app);
    const there = copyOf(ann, other);
    await there.get('/v1/me').expect(200);
    await ann.post('/v1/auth/logout').send({}).expect(204);
    clock.advance(5001);
    await there.get('/v1/me').expect(401);
  });

  test('learns of a role that was changed and of a removal within 5 s', async () => {
    const owner = await signUp(app);
    const bob = await joinAs(app, owner.accountId, 'manager');
    const there = Object.assign(copyOf(bob, other), { account: owner.accountId });
    await there.patch('/v1/account').send({ name: 'New name' }).expect(200);

    await owner.patch(`/v1/team/${bob.userId}`).send({ role: 'viewer' }).expect(200);
    await bob.patch('/v1/account').send({ name: 'Newer name' }).expect(403);
    clock.advance(5001);
    await there.patch('/v1/account').send({ name: 'Newer name' }).expect(403);
    await there.get('/v1/account').expect(200);

    await owner.delete(`/v1/team/${bob.userId}`).expect(204);
    await bob.get('/v1/account').expect(404);
    clock.advance(5001);
    await there.get('/v1/account').expect(404);
  });
});

test('neither tokens nor passwords nor addresses of people are logged', async () => {
  lines.length = 0;
  const ann = await signUp(app);
  await refresh(ann).expect(204);
  await openBrowser(app).post('/v1/auth/login').send({ email: ann.email, password: 'not the right one' }).expect(401);
  await app.service.auth.stop();

  const all = lines.join('');
  expect(all).toContain('session.started');
  const secrets = [...ann.cookies.values()].flatMap((value) => [value, value.split('.').at(-1) ?? '']);
  for (const secret of [PASSWORD, 'not the right one', ann.email, ...secrets]) expect(all).not.toContain(secret);
});
