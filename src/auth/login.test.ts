import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMailbox, logIn, openBrowser, PASSWORD, signUp } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';
import { createLogin } from './login.ts';
import { createLoginThrottle, THROTTLES } from './login-throttle.ts';
import { createPasswords } from './password.ts';
import { createUserModel } from './user.model.ts';

const mailbox = createMailbox();
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ outbox: mailbox }, { TRUSTED_PROXIES: 'loopback' });
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const WRONG = 'not the right one';

let addresses = 0;
/** Where a test's tries come from, by its proxy. */
function newAddress(): string {
  addresses += 1;
  return `198.51.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`;
}

const tryLogin = (email: string, from: string, password = WRONG) =>
  openBrowser(app).post('/v1/auth/login').set('X-Forwarded-For', from).send({ email, password });

/** The real login, of which the test hears when a password was compared. */
function loginHearing(compared: (hash: string | undefined) => unknown) {
  const { platform, auth } = app.service;
  const real = createPasswords();
  return createLogin({
    ...platform,
    ...auth,
    users: createUserModel(platform.connection),
    sessions: auth.sessionStore,
    throttle: createLoginThrottle(platform),
    passwords: {
      ...real,
      async isRight(password, hash) {
        const isRight = await real.isRight(password, hash);
        await compared(hash);
        return isRight;
      },
    },
  });
}

test('an unknown address costs the same work as a wrong password, and gets the same answer', async () => {
  const worked: (string | undefined)[] = [];
  const login = loginHearing((hash) => worked.push(hash));
  const ann = await signUp(app);
  const failWith = (email: string) =>
    login.login({ email, password: WRONG }, { device: '', address: newAddress() }).catch((error: unknown) => error);

  const [known, unknown] = [await failWith(ann.email), await failWith('nobody@people.example')];

  expect(worked).toEqual([expect.stringMatching(/^\$argon2id/), undefined]);
  expect(unknown).toMatchObject({ code: 'wrong-credentials' });
  expect(unknown).toEqual(known);
});

test('a login with the old password that overlaps its change leaves no session', async () => {
  const ann = await signUp(app);
  const { auth } = app.service;
  const user = await auth.people.get(ann.userId);
  const login = loginHearing(() => auth.credentials.setPassword(user, 'another four words'));

  const credentials = { email: ann.email, password: PASSWORD };
  const outcome = login.login(credentials, { device: '', address: newAddress() });

  await expect(outcome).rejects.toMatchObject({ code: 'wrong-credentials' });
  expect(await auth.sessionStore.list(ann.userId)).toEqual([]);
});

test('hashings wait for each other, those for nobody too; too many are told to come back', async () => {
  const passwords = createPasswords();
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.isRight(PASSWORD, undefined)));
  const refused = all.filter((each) => each.status === 'rejected');
  expect(refused.length).toBe(8);
  expect(refused[0]?.reason).toMatchObject({ code: 'unavailable', retryAfterS: 5 });
  expect(all.filter((each) => each.status === 'fulfilled' && each.value)).toEqual([]);
  expect(await passwords.isRight(PASSWORD, await passwords.hash(PASSWORD))).toBe(true);
});

describe('wrong passwords', () => {
  test('of one person from one place: ten, then 429, also for the right one', async () => {
    const [ann, bob] = [await signUp(app), await signUp(app)];
    const from = newAddress();
    for (let tries = 0; tries < 10; tries += 1) await tryLogin(ann.email, from).expect(401);

    const refused = await tryLogin(ann.email, from, PASSWORD);

    expect(refused.status).toBe(429);
    expect(refused.body.type).toMatch(/too-many-requests$/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
    await tryLogin(bob.email, from, PASSWORD).expect(200);
    await tryLogin(ann.email, newAddress(), PASSWORD).expect(200);
  });

  test('sent all at once are no way around', async () => {
    const ann = await signUp(app);
    const from = newAddress();
    const answers = await Promise.all(Array.from({ length: 30 }, async () => (await tryLogin(ann.email, from)).status));
    expect(answers.filter((status) => status === 401).length).toBe(10);
    expect(answers.filter((status) => status === 429).length).toBe(20);
  });

  test('count for a second process, too', async () => {
    const { auth } = await app.sibling();
    const ann = await signUp(app);
    const from = newAddress();
    for (let tries = 0; tries < 10; tries += 1) await tryLogin(ann.email, from).expect(401);
    await expect(
      auth.login.login({ email: ann.email, password: PASSWORD }, { device: '', address: from }),
    ).rejects.toMatchObject({
      code: 'too-many-requests',
    });
  });

  test('are forgotten by the right one', async () => {
    const ann = await signUp(app);
    const from = newAddress();
    for (let round = 0; round < 3; round += 1) {
      for (let tries = 0; tries < 9; tries += 1) await tryLogin(ann.email, from).expect(401);
      await tryLogin(ann.email, from, PASSWORD).expect(200);
    }
  });

  test('of many people from one place: sixty, then 429', async () => {
    const throttle = createLoginThrottle(app.service.platform);
    const from = newAddress();
    const tries = Array.from({ length: 70 }, (_, n) => throttle.begin(`p${n}@people.example`, from, async () => true));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(THROTTLES['login-address'].points);
  });

  test('from everywhere can not lock somebody out: where they are logged in, and by a mail, they come in', async () => {
    const ann = await signUp(app);
    const home = newAddress();
    await tryLogin(ann.email, home, PASSWORD).expect(200);
    const throttle = createLoginThrottle(app.service.platform);
    const attack = Array.from({ length: 110 }, () => throttle.begin(ann.email, newAddress(), async () => false));
    const outcomes = await Promise.allSettled(attack);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(10);

    await tryLogin(ann.email, newAddress(), PASSWORD).expect(429);
    await tryLogin(ann.email, home, PASSWORD).expect(200);

    await openBrowser(app).post('/v1/auth/forgot-password').send({ email: ann.email }).expect(202);
    const token = await mailbox.tokenTo(ann.email, /new password/);
    const password = 'another four words';
    await openBrowser(app).post('/v1/auth/reset-password').send({ token, password }).expect(204);
    await tryLogin(ann.email, newAddress(), password).expect(200);
  });

  test('at the change of a password count as well', async () => {
    const ann = await signUp(app);
    const change = (currentPassword: string) =>
      ann.post('/v1/auth/change-password').send({ currentPassword, newPassword: 'another four words' });
    for (let tries = 0; tries < 10; tries += 1) await change(WRONG).expect(401);
    await change(PASSWORD).expect(429);
  });
});

test('signing up with known addresses counts six times', async () => {
  const ann = await signUp(app);
  const from = newAddress();
  const again = () =>
    openBrowser(app)
      .post('/v1/auth/signup')
      .set('X-Forwarded-For', from)
      .send({ email: ann.email, password: WRONG, name: 'A', business: { name: 'B' } });
  for (let tries = 0; tries < 10; tries += 1) await again().expect(409);
  await again().expect(429);
});

test('whoever is logged in elsewhere stays so when others try', async () => {
  const ann = await signUp(app);
  const phone = await logIn(app, ann.email);
  await tryLogin(ann.email, newAddress()).expect(401);
  await phone.get('/v1/me').expect(200);
});
