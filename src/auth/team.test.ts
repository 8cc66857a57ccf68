import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMailbox, joinAs, logIn, openBrowser, PASSWORD, signUp, type TestPerson } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';
import { createInvitationModel } from './invitation.model.ts';
import { THROTTLES } from './login-throttle.ts';
import { createMembershipModel } from './membership.model.ts';
import { ROLES } from './scopes.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const clock = createManualClock(new Date().toISOString());
const mailbox = createMailbox();
let app: TestApp;
let owner: TestPerson;
let guests = 0;

beforeAll(async () => {
  app = await startApp({ clock, outbox: mailbox });
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

beforeEach(async () => {
  owner = await signUpVerified();
});

async function signUpVerified(): Promise<TestPerson> {
  const person = await signUp(app);
  await app.service.auth.credentials.verifyEmail(person.userId, await mailbox.tokenTo(person.email, /confirm/));
  return person;
}

function newGuest(): string {
  guests += 1;
  return `guest${guests}@people.example`;
}

async function inviteAs(email: string, role = 'manager'): Promise<string> {
  await owner.post('/v1/team/invitations').send({ email, role }).expect(201);
  return mailbox.tokenTo(email, /invited/);
}

const accept = (body: object) => openBrowser(app).post('/v1/auth/accept-invitation').send(body);

test('nobody is flooded with invitations, be they withdrawn in between or not', async () => {
  const email = newGuest();
  for (let place = 1; place <= THROTTLES['invitation-email'].points; place += 1) {
    const { body } = await owner.post('/v1/team/invitations').send({ email, role: 'viewer' }).expect(201);
    if (place % 2 === 0) await owner.delete(`/v1/team/invitations/${body.id}`).expect(204);
  }

  const refused = await owner.post('/v1/team/invitations').send({ email, role: 'viewer' });

  expect(refused.status).toBe(429);
  expect(mailbox.mails.filter(({ to }) => to === email)).toHaveLength(THROTTLES['invitation-email'].points);
  await inviteAs(newGuest());
});

describe('an invitation', () => {
  test('makes somebody new a member, logged in, with an address that is confirmed; it is good once', async () => {
    const email = newGuest();
    const token = await inviteAs(email);
    const incomplete = await accept({ token }).expect(400);
    expect(incomplete.body.errors.map(({ path }: { path: string }) => path)).toEqual(['password', 'name']);

    const browser = openBrowser(app);
    clock.advance(1000);
    const joined = await browser.post('/v1/auth/accept-invitation').send({ token, name: 'Jo', password: PASSWORD });

    expect(joined.status).toBe(200);
    const { body } = await browser.get('/v1/me').expect(200);
    expect(body).toMatchObject({
      user: { email, name: 'Jo', emailVerified: true },
      businesses: [{ id: owner.accountId, role: 'manager' }],
    });
    await accept({ token, name: 'Jo', password: PASSWORD }).expect(400);
    const team = await owner.get('/v1/team').expect(200);
    expect(team.body).toMatchObject({
      members: [
        { userId: owner.userId, role: 'owner' },
        { email, role: 'manager' },
      ],
      invitations: [],
    });
    const audit = await owner.get('/v1/account/audit').expect(200);
    expect(audit.body.data.slice(0, 1)).toMatchObject([
      { action: 'POST /v1/auth/accept-invitation', actorId: body.user.id, actorKind: 'user' },
    ]);
  });

  test('lets somebody we know join by the token alone, and logs nobody in', async () => {
    const bob = await signUpVerified();
    const joined = await accept({ token: await inviteAs(bob.email, 'viewer') }).expect(200);
    expect(joined.headers['set-cookie']).toBeUndefined();
    const { body } = await bob.get('/v1/me');
    expect(body.businesses.map(({ role }: { role: string }) => role)).toEqual(['owner', 'viewer']);
  });

  test('locks out whoever signed up with an address that was never theirs', async () => {
    const email = newGuest();
    const stranger = await signUp(app, { email });
    const token = await inviteAs(email);
    await accept({ token }).expect(400);

    await accept({ token, name: 'Jo', password: 'my very own words' }).expect(200);

    await stranger.get('/v1/me').expect(401);
    await openBrowser(app).post('/v1/auth/login').send({ email, password: PASSWORD }).expect(401);
    await logIn(app, email, 'my very own words');
  });

  test('is good for 7 days, is kept as a hash, and can be withdrawn', async () => {
    const [late, unwanted] = [newGuest(), newGuest()];
    const token = await inviteAs(late);
    const stored = await createInvitationModel(app.service.platform.connection)
      .find({ accountId: owner.accountId })
      .lean();
    expect(JSON.stringify(stored)).not.toContain(token);

    const withdrawn = await inviteAs(unwanted);
    const { body } = await owner.get('/v1/team');
    const { id } = body.invitations.find(({ email }: { email: string }) => email === unwanted);
    await owner.delete(`/v1/team/invitations/${id}`).expect(204);
    await owner.delete(`/v1/team/invitations/${id}`).expect(404);
    await accept({ token: withdrawn, name: 'Jo', password: PASSWORD }).expect(400);

    clock.advance(7 * DAY_MS);
    await accept({ token, name: 'Jo', password: PASSWORD }).expect(400);
  });

  test('sent again ends the one before, and takes the newer role', async () => {
    const email = newGuest();
    const first = await inviteAs(email, 'owner');
    await owner.post('/v1/team/invitations').send({ email, role: 'viewer' }).expect(201);
    await accept({ token: first, name: 'Jo', password: PASSWORD }).expect(400);
    const { body } = await owner.get('/v1/team');
    expect(body.invitations).toEqual([expect.objectContaining({ email, role: 'viewer' })]);
  });

  test('ends with the rights of whoever sent it', async () => {
    const second = await signUpVerified();
    await app.service.auth.memberships.add(owner.accountId, second.userId, 'owner');
    const email = newGuest();
    second.account = owner.accountId;
    await second.post('/v1/team/invitations').send({ email, role: 'owner' }).expect(201);
    await owner.delete(`/v1/team/${second.userId}`).expect(204);
    await accept({ token: await mailbox.tokenTo(email, /invited/), name: 'Jo', password: PASSWORD }).expect(400);
  });

  test('is not for a member, and not by somebody whose own address is not confirmed', async () => {
    const member = await owner.post('/v1/team/invitations').send({ email: owner.email, role: 'viewer' });
    expect(member.status).toBe(409);
    const fresh = await signUp(app);
    const refused = await fresh.post('/v1/team/invitations').send({ email: newGuest(), role: 'viewer' });
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toMatch(/Confirm your own e-mail address/);
  });
});

describe('the last owner', () => {
  test('can neither be removed nor made something else', async () => {
    await joinAs(app, owner.accountId, 'manager');
    const removed = await owner.delete(`/v1/team/${owner.userId}`);
    const demoted = await owner.patch(`/v1/team/${owner.userId}`).send({ role: 'manager' });
    expect([removed.status, demoted.status]).toEqual([409, 409]);
    expect(removed.body.type).toMatch(/last-owner$/);
    await owner.get('/v1/team').expect(200);
  });

  test('stays when two owners take it from each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const first = await signUp(app);
      const second = await joinAs(app, first.accountId, 'owner');
      await Promise.all([
        first.patch(`/v1/team/${second.userId}`).send({ role: 'viewer' }),
        second.delete(`/v1/team/${first.userId}`),
      ]);
      const members = await app.service.auth.team.listMembers(first.accountId);
      expect(members.filter(({ role }) => role === 'owner').length).toBeGreaterThanOrEqual(1);
    }
  });

  test('may go when another owner is there; a mark of somebody who died in the middle is no hindrance', async () => {
    const second = await joinAs(app, owner.accountId, 'owner');
    const memberships = createMembershipModel(app.service.platform.connection);
    const mark = { accountId: owner.accountId, userId: second.userId };
    await memberships.updateOne(mark, { $set: { leavingSince: clock.now() } });
    await owner.delete(`/v1/team/${owner.userId}`).expect(409);
    clock.advance(60_001);
    await owner.delete(`/v1/team/${owner.userId}`).expect(204);
    await owner.get('/v1/team').expect(404);
    await second.get('/v1/team').expect(200);
  });
});

describe('the roles', () => {
  const calls = [
    ['get', '/v1/account', undefined, [200, 200, 200]],
    ['patch', '/v1/account', { description: 'x' }, [200, 200, 403]],
    ['get', '/v1/team', undefined, [200, 200, 200]],
    ['post', '/v1/team/invitations', { email: 'someone@people.example', role: 'viewer' }, [201, 403, 403]],
    ['patch', '/v1/team/usr_none', { role: 'viewer' }, [404, 403, 403]],
    ['delete', '/v1/team/usr_none', undefined, [404, 403, 403]],
    ['get', '/v1/keys', undefined, [200, 200, 200]],
    ['post', '/v1/keys', { kind: 'secret', name: 'k', scopes: ['chat'] }, [201, 201, 403]],
  ] as const;

  test.each(calls)('%s %s: owner, manager and viewer get what is theirs', async (method, path, body, expected) => {
    const others = await Promise.all(ROLES.slice(1).map((role) => joinAs(app, owner.accountId, role)));
    const answers = [];
    for (const person of [owner, ...others]) answers.push((await person[method](path).send(body)).status);
    expect(answers).toEqual(expected);
  });

  test('a person in several businesses names one; one that is not theirs is not there', async () => {
    const bob = await joinAs(app, owner.accountId, 'viewer');
    bob.account = undefined;
    const unnamed = await bob.get('/v1/account').expect(400);
    expect(unnamed.body.detail).toMatch(new RegExp(`^X-Account: .*${owner.accountId}`));
    const stranger = await signUp(app);
    stranger.account = owner.accountId;
    const foreign = await stranger.get('/v1/account').expect(404);
    stranger.account = 'acc_00000000000000000000000000';
    const missing = await stranger.get('/v1/account').expect(404);
    expect(foreign.body.detail).toBe(missing.body.detail);
    stranger.account = undefined;
    expect((await stranger.get('/v1/account').expect(200)).body.id).toBe(stranger.accountId);
  });

  test('operators are made by the command line, and that holds at once', async () => {
    const ann = await signUp(app);
    await ann.get('/v1/admin/accounts').expect(403);
    await app.service.auth.people.setOperator(ann.email.toUpperCase(), true);
    await ann.get('/v1/admin/accounts').expect(200);
    await app.service.auth.people.setOperator(ann.email, false);
    await ann.get('/v1/admin/accounts').expect(403);
    await expect(app.service.auth.people.setOperator('nobody@people.example', true)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
