import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joinAs, signUp, type TestPerson } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';

let app: TestApp;
let operator: TestPerson;
beforeAll(async () => {
  app = await startApp();
  operator = await signUp(app, { business: { name: 'Operations' } });
  await app.service.auth.people.setOperator(operator.email, true);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const find = async (query: string) => {
  const { body } = await operator.get(`/v1/admin/accounts?${query}`);
  return { slugs: body.data.map(({ slug }: { slug: string }) => slug), next: body.nextCursor };
};

test('an operator finds businesses by how their slug or name begins, page by page', async () => {
  const parts = [
    { slug: 'mill-north', name: 'Old Mill' },
    { slug: 'tea-house', name: 'Tea House' },
    { slug: 'tea-room', name: 'Another Room' },
    { slug: 'other', name: 'tea time' },
  ];
  for (const account of parts) await app.business({ account });

  expect(await find('search=tea')).toEqual({ slugs: ['tea-house', 'tea-room', 'other'], next: null });
  expect(await find('search=Old')).toEqual({ slugs: ['mill-north'], next: null });
  expect((await find('search=.*')).slugs).toEqual([]);
  const first = await find('limit=4');
  expect(first.slugs).toEqual(['operations', 'mill-north', 'tea-house', 'tea-room']);
  expect(await find(`limit=4&cursor=${first.next}`)).toEqual({ slugs: ['other'], next: null });
});

test('a business that an operator suspends can be read by its keys and no more, until it is resumed', async () => {
  const { accountId, secretKey, publishableKey } = await app.business();
  const set = (body: object) => operator.patch(`/v1/admin/accounts/${accountId}`).send(body);
  const rename = () => app.http.patch('/v1/account').set('X-API-Key', secretKey).send({ name: 'New' });
  const begin = () =>
    app.http.post('/v1/threads').set({ 'X-API-Key': publishableKey, Origin: 'https://bakery.example' });

  expect((await set({ status: 'suspended' })).body).toMatchObject({ id: accountId, status: 'suspended' });
  expect([(await rename()).status, (await begin()).status]).toEqual([403, 403]);
  expect((await app.http.get('/v1/account').set('X-API-Key', secretKey)).body.status).toBe('suspended');

  await set({ status: 'active' });
  expect([(await rename()).status, (await begin()).status]).toEqual([200, 201]);
});

test('a suspended business can’t keep people from what is theirs: a visitor takes along and erases the conversation', async () => {
  const { accountId, publishableKey } = await app.business();
  const key = { 'X-API-Key': publishableKey, Origin: 'https://bakery.example' };
  const { body: thread } = await app.http.post('/v1/threads').set(key).expect(201);
  const visitor = { ...key, 'X-Thread-Token': String(thread.token) };
  await operator.patch(`/v1/admin/accounts/${accountId}`).send({ status: 'suspended' }).expect(200);

  expect((await app.http.get(`/v1/threads/${thread.id}`).set(visitor)).status).toBe(403);
  expect((await app.http.get(`/v1/threads/${thread.id}/export`).set(visitor)).status).toBe(200);
  expect((await app.http.delete(`/v1/threads/${thread.id}`).set(visitor)).status).toBe(204);
});

test('a business that is suspended can still end a key, take out a member and erase a visitor', async () => {
  const owner = await signUp(app);
  const { accountId } = owner;
  const member = await joinAs(app, accountId, 'manager');
  const scopes = ['conversations:read', 'conversations:write'];
  const { body: key } = await owner.post('/v1/keys').send({ kind: 'secret', name: 'leaked', scopes }).expect(201);
  await operator.patch(`/v1/admin/accounts/${accountId}`).send({ status: 'suspended' }).expect(200);
  const list = () => app.http.get('/v1/conversations').set('X-API-Key', key.key);
  await list().expect(200);

  await app.http.delete('/v1/visitors/somebody').set('X-API-Key', key.key).expect(200);
  await owner.delete(`/v1/keys/${key.id}`).expect(204);
  await owner.delete(`/v1/team/${member.userId}`).expect(204);

  await list().expect(401);
  await owner.post(`/v1/keys`).send({ kind: 'secret', name: 'new', scopes }).expect(403);
});

test('an operator sets plan, billing state and limits; a plan that there isn’t is refused by name', async () => {
  const { accountId, secretKey } = await app.business();
  const path = `/v1/admin/accounts/${accountId}`;

  const set = await operator.patch(path).send({ plan: 'free', billing: 'grace', limits: { messagesPerDay: 5 } });
  expect(set.body).toMatchObject({ plan: 'free', billing: 'grace' });
  const account = await app.http.get('/v1/account').set('X-API-Key', secretKey);
  expect(account.body.limits).toMatchObject({ messagesPerDay: 5, messagesPerMonth: null });

  const refused = await operator.patch(path).send({ plan: 'golden' });
  expect(refused.status).toBe(400);
  expect(refused.body.errors).toEqual([expect.objectContaining({ path: 'plan' })]);
  expect((await operator.patch('/v1/admin/accounts/acc_none').send({ plan: 'free' })).status).toBe(404);
});

test('an operator has an assistant synced soon', async () => {
  const { accountId } = await app.business();
  expect(await app.service.accounts.listSyncDue(10)).not.toContain(accountId);

  expect((await operator.post(`/v1/admin/accounts/${accountId}/sync`)).status).toBe(202);
  expect(await app.service.accounts.listSyncDue(10)).toContain(accountId);
  expect((await operator.post('/v1/admin/accounts/acc_none/sync')).status).toBe(404);
});

test('neither a key nor the owner of a business opens any of this', async () => {
  const { secretKey } = await app.business();
  const owner = await signUp(app);

  expect((await app.http.get('/v1/admin/accounts').set('X-API-Key', secretKey)).status).toBe(403);
  expect((await owner.get('/v1/admin/accounts')).status).toBe(403);
});
