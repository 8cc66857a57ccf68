import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createUserModel, type User } from './user.model.ts';
import { createMembershipModel } from './membership.model.ts';
import { createMailbox, logIn, openBrowser, PASSWORD, signUp } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';
import { createManualClock } from '../testing/manual-clock.ts';

const mailbox = createMailbox();
const clock = createManualClock(new Date().toISOString());
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ outbox: mailbox, clock });
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const findUser = async (email: string) =>
  createUserModel(app.service.platform.connection).findOne({ email }).lean<User>();

test('whoever signs up is logged in, as owner of a business', async () => {
  const ann = await signUp(app, { name: 'Ann', business: { name: 'Tea & Rolls', timezone: 'Europe/Paris' } });

  const { body } = await ann.get('/v1/me').expect(200);
  expect(body).toEqual({
    user: { id: ann.userId, email: ann.email, name: 'Ann', emailVerified: false, isOperator: false },
    businesses: [{ id: ann.accountId, slug: 'tea-rolls', name: 'Tea & Rolls', role: 'owner' }],
  });
  const hours = await ann.get('/v1/hours').expect(200);
  expect(hours.body.timezone).toBe('Europe/Paris');
  await ann.patch('/v1/account').send({ name: 'Rolls & Tea' }).expect(200);
});

test('an address is one however it is spelled, and the password of a known one is not told', async () => {
  const ann = await signUp(app, { email: 'Mixed@People.example' });
  expect(ann.email).toBe('Mixed@People.example');
  const known = { email: 'mixed@people.EXAMPLE', name: 'Other', business: { name: 'Other' } };

  const wrong = await openBrowser(app)
    .post('/v1/auth/signup')
    .send({ ...known, password: 'no idea at all' });
  const right = await openBrowser(app)
    .post('/v1/auth/signup')
    .send({ ...known, password: PASSWORD });

  expect(wrong.status).toBe(409);
  expect(right.status).toBe(409);
  expect(right.body.detail).toBe(wrong.body.detail);
  expect(right.headers['set-cookie']).toBeUndefined();
  await logIn(app, 'MIXED@people.example');
  await app.service.auth.stop();
  expect(mailbox.mails.filter(({ subject }) => subject === 'You have an account already').length).toBe(2);
});

test('two sign-ups at once make one person and one business', async () => {
  const input = { email: 'twice@people.example', password: PASSWORD, name: 'Kim', business: { name: 'Twice Shop' } };
  const answers = await Promise.all(
    [1, 2, 3].map(async () => (await openBrowser(app).post('/v1/auth/signup').send(input)).status),
  );

  expect(answers.toSorted()).toEqual([201, 409, 409]);
  const user = await findUser(input.email);
  const memberships = await app.service.auth.memberships.listOf(user?._id ?? '');
  expect(memberships.length).toBe(1);
  expect(await app.service.accounts.findBySlug('twice-shop')).toMatchObject({ _id: memberships[0]?.accountId });
});

testBrokenSignUp('by a login', async (email) => {
  await logIn(app, email);
});
testBrokenSignUp('by signing up again', async (email) => {
  const again = { email, password: PASSWORD, name: 'Kim', business: { name: 'Broken Shop' } };
  await openBrowser(app).post('/v1/auth/signup').send(again).expect(201);
});

/** A process that dies when the person is stored leaves just that. */
function testBrokenSignUp(how: string, goOn: (email: string) => Promise<void>) {
  test(`a sign-up that broke off is finished ${how}`, async () => {
    const ann = await signUp(app);
    const { connection } = app.service.platform;
    const claimedUntil = new Date(clock.now().getTime() + 30_000);
    await createMembershipModel(connection).deleteOne({ accountId: ann.accountId, userId: ann.userId });
    const unfinished = { name: 'Broken Shop', timezone: 'UTC', claimedUntil };
    await createUserModel(connection).updateOne({ _id: ann.userId }, { $set: { unfinished } });
    await logIn(app, ann.email); // somebody is at it still: it is left to them
    expect(await app.service.auth.memberships.listOf(ann.userId)).toEqual([]);
    clock.advance(30_000);

    await goOn(ann.email);

    const businesses = await app.service.auth.people.listBusinesses(ann.userId);
    expect(businesses).toEqual([expect.objectContaining({ name: 'Broken Shop', role: 'owner' })]);
    expect((await findUser(ann.email))?.unfinished).toBeNull();
  });
}

test.each([
  ['short', 'seven77', 'password: must have at least 8 characters'],
  ['long', 'x'.repeat(129), 'password: must have at most 128 characters'],
  ['common', 'password1', 'password: is one of the most common passwords; take another one'],
  ['common in capitals', 'PassWord1', 'password: is one of the most common passwords; take another one'],
  ['of the address', 'jo.smith@mail.example', /password: holds your e-mail address or a name/],
  ['with the name before the @', 'my jo.smith 99', /password: holds your e-mail address or a name/],
  ['with the name of the business', 'BlueDoorBooks 1', /password: holds your e-mail address or a name/],
  ['with the name of the service', 'chatbusiness 7!', /password: holds your e-mail address or a name/],
])('a password that is %s is refused', async (_what, password, detail) => {
  const input = { email: 'jo.smith@mail.example', password, name: 'Jo', business: { name: 'Blue Door Books' } };
  const answer = await openBrowser(app).post('/v1/auth/signup').send(input);
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toEqual(expect.stringMatching(detail));
});

test.each([
  ['letters of other languages', 'straße-дом'],
  ['emoji alone', '🥖🥐🥯🍞🥨🥞🧇🧁'],
  ['64 blanks and words', ' a'.repeat(32)],
  ['digits', '8402759316'],
])('a password of any characters is taken: %s', async (_what, password) => {
  const ann = await signUp(app, { password });
  await logIn(app, ann.email, password);
});

test('the same word in another normal form is the same password, another case is not', async () => {
  const ann = await signUp(app, { password: 'Crème brûlée' });
  await logIn(app, ann.email, 'Crème brûlée'.normalize('NFD'));
  await openBrowser(app).post('/v1/auth/login').send({ email: ann.email, password: 'crème brûlée' }).expect(401);
});

test('what is kept of a password is an argon2id hash', async () => {
  const ann = await signUp(app);
  const user = await findUser(ann.email);
  expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(JSON.stringify(user)).not.toContain(PASSWORD);
});
