import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joinAs, openBrowser, signUp, type TestPerson } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';
import { createIdempotencyModel } from '../platform/idempotency.ts';

let app: TestApp;
let owner: TestPerson;

beforeAll(async () => {
  app = await startApp();
  owner = await signUp(app);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const page = { kind: 'publishable', name: 'Shop page', hosts: ['Shop.Example', 'shop.example', '*.bücher.example'] };
const program = { kind: 'secret', name: 'Till', scopes: ['products:write', 'products:read'] };
const makeKey = async (body: object, by = owner) => (await by.post('/v1/keys').send(body).expect(201)).body;
const asProgram = (key: string) => app.http.get('/v1/products').set('X-API-Key', key);
const asPage = (key: string, origin: string) => app.http.get('/v1/widget').set({ 'X-API-Key': key, Origin: origin });

test('a key is made, its secret shown once, and listed without it, with what it may do and its last use', async () => {
  const made = await makeKey({ ...page, expiresAt: '2099-01-01T00:00:00+01:00' });
  expect(made).toMatchObject({
    key: expect.stringMatching(/^cb_pk_/),
    prefix: made.key.slice(0, 16),
    hosts: ['shop.example', '*.xn--bcher-kva.example'],
    expiresAt: '2098-12-31T23:00:00.000Z',
    createdBy: owner.userId,
    lastUsedAt: null,
    rotated: null,
    rev: 1,
  });
  await asPage(made.key, 'https://shop.example').expect(200);

  const listed = async () => (await owner.get('/v1/keys')).body.data.find(({ id }: { id: string }) => id === made.id);
  while ((await listed()).lastUsedAt === null) await new Promise((resolve) => setImmediate(resolve));

  const { key, ...known } = made;
  expect(await listed()).toEqual({ ...known, lastUsedAt: expect.stringMatching(/^20/) });
  expect(JSON.stringify((await owner.get('/v1/keys')).body)).not.toContain(key.slice(16));
});

test('a POST that is sent again with its Idempotency-Key makes another key: no secret is kept to be shown again', async () => {
  const post = () => owner.post('/v1/keys').set('Idempotency-Key', 'again').send(program);
  const [first, second] = [await post(), await post()];

  expect(first.body.key).not.toBe(second.body.key);
  const kept = await createIdempotencyModel(app.service.platform.connection).find({ accountId: owner.accountId });
  expect(JSON.stringify(kept)).not.toMatch(/cb_sk_/);
});

test.each([
  [{ ...page, hosts: [] }, 'hosts'],
  [{ ...page, hosts: ['https://shop.example'] }, 'hosts[0]'],
  [{ ...page, hosts: ['shop.example', '*.co.uk'] }, 'hosts[1]'],
  [{ ...page, scopes: ['chat'] }, 'scopes'],
  [{ ...page, name: '' }, 'name'],
  [{ ...page, secrets: [] }, 'secrets'],
  [{ ...program, scopes: [] }, 'scopes'],
  [{ ...program, scopes: ['keys:write'] }, 'scopes[0]'],
  [{ ...program, hosts: ['shop.example'] }, 'hosts'],
  [{ ...program, kind: 'operator' }, 'kind'],
  [{ ...program, expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
])('%j is refused, naming %s', async (body, path) => {
  const answer = await owner.post('/v1/keys').send(body);

  expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
});

test('a key is changed in what a patch names, unless somebody else was faster', async () => {
  const { id, key } = await makeKey(page);
  const changed = await owner
    .patch(`/v1/keys/${id}`)
    .set('If-Match', '"1"')
    .send({ hosts: ['other.example'] });
  const stale = await owner.patch(`/v1/keys/${id}`).set('If-Match', '"1"').send({ name: 'Late' });

  expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { name: 'Shop page', rev: 2 } });
  expect(stale.status).toBe(412);
  await asPage(key, 'https://other.example').expect(200);
  await asPage(key, 'https://shop.example').expect(403);
  await owner.patch(`/v1/keys/${id}`).send({ hosts: [] }).expect(400);
});

test('a key is rotated: both secrets are good, and the new one is shown once', async () => {
  const { id, key } = await makeKey(program);

  const { body } = await owner.post(`/v1/keys/${id}/rotate`).send({ overlapHours: 2 }).expect(200);

  expect(body).toMatchObject({ id, prefix: body.key.slice(0, 16), rotated: { prefix: key.slice(0, 16) } });
  await asProgram(key).expect(200);
  await asProgram(body.key).expect(200);
  await owner.post(`/v1/keys/${id}/rotate`).send({ overlapHours: 169 }).expect(400);
});

test('a revoked key is unknown at once', async () => {
  const { id, key } = await makeKey(page);
  await asPage(key, 'https://shop.example').expect(200);

  await owner.delete(`/v1/keys/${id}`).expect(204);

  await asPage(key, 'https://shop.example').expect(401);
  await owner.delete(`/v1/keys/${id}`).expect(404);
});

test('a refused host is listed, and one call allows it; what is no host is not', async () => {
  const { id, key } = await makeKey(page);
  await asPage(key, 'https://new.example').expect(403);

  const { body } = await owner.get(`/v1/keys/${id}/refusals`).expect(200);
  expect(body.data).toEqual([{ host: 'new.example', count: 1, lastAt: expect.any(String) }]);
  await owner.post(`/v1/keys/${id}/refusals/allow`).send({ host: 'new.example' }).expect(200);

  await asPage(key, 'https://new.example').expect(200);
  for (const host of ['null', '*.example.com', 'https://x.example', 'a b'])
    await owner.post(`/v1/keys/${id}/refusals/allow`).send({ host }).expect(400);
});

const calls = (by: Pick<TestPerson, 'get' | 'post' | 'patch' | 'delete'>, id: string) => ({
  list: by.get('/v1/keys'),
  refusals: by.get(`/v1/keys/${id}/refusals`),
  create: by.post('/v1/keys').send(program),
  patch: by.patch(`/v1/keys/${id}`).send({ name: 'Mine' }),
  allow: by.post(`/v1/keys/${id}/refusals/allow`).send({ host: 'evil.example' }),
  rotate: by.post(`/v1/keys/${id}/rotate`).send({}),
  delete: by.delete(`/v1/keys/${id}`),
});

const all = (status: number) => ({
  list: status,
  refusals: status,
  create: status,
  patch: status,
  allow: status,
  rotate: status,
  delete: status,
});

async function statusesOf(by: Parameters<typeof calls>[0], id: string): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const [name, call] of Object.entries(calls(by, id))) statuses[name] = (await call).status;
  return statuses;
}

describe('who may', () => {
  const done = { ...all(200), create: 201, delete: 204 };

  test('owners and managers all, viewers look', async () => {
    const ids = [(await makeKey(page)).id, (await makeKey(page)).id, (await makeKey(page)).id] as const;

    expect(await statusesOf(owner, ids[0])).toEqual(done);
    expect(await statusesOf(await joinAs(app, owner.accountId, 'manager'), ids[1])).toEqual(done);
    const viewer = await joinAs(app, owner.accountId, 'viewer');
    expect(await statusesOf(viewer, ids[2])).toEqual({ ...all(403), list: 200, refusals: 200 });
  });

  test("another business's owner finds none of them, and nobody who isn't logged in does", async () => {
    const { id } = await makeKey(page);

    expect(await statusesOf(await signUp(app), id)).toEqual({ ...all(404), list: 200, create: 201 });
    expect(await statusesOf(openBrowser(app), id)).toEqual(all(401));
  });

  test('no program: whoever steals a key must not make more of them', async () => {
    const { key } = await makeKey(program);
    for (const path of ['/v1/keys', '/v1/keys/key_1/refusals'])
      await app.http.get(path).set('X-API-Key', key).expect(403);
    await app.http.post('/v1/keys').set('X-API-Key', key).send(program).expect(403);
  });
});

const originOf = ({ headers }: { headers: Record<string, unknown> }) => headers['access-control-allow-origin'];

describe('which pages may read an answer', () => {
  test('of a request with a key, the page that sent it; with cookies, none; with neither, any', async () => {
    const { key } = await makeKey(program);
    const foreign = { Origin: 'https://elsewhere.example' };

    expect(originOf(await app.http.get('/v1/products').set({ ...foreign, 'X-API-Key': key }))).toBe(foreign.Origin);
    expect(originOf(await app.http.get('/v1/products').set('X-API-Key', 'wrong').set(foreign))).toBe(foreign.Origin);
    expect(originOf(await app.http.get('/v1/products').set('X-API-Key', key))).toBeUndefined();
    expect(originOf(await owner.get('/v1/keys').set(foreign))).toBeUndefined();
    expect(originOf(await owner.get('/v1/nothing').set(foreign))).toBeUndefined();
    expect(originOf(await app.http.get('/v1/products').set(foreign))).toBe('*');
  });

  test('cookies cross origins nowhere', async () => {
    const answers = [
      await app.http.options('/v1/keys').set('Origin', 'https://elsewhere.example'),
      await owner.get('/v1/keys').set('Origin', 'https://elsewhere.example'),
      await asPage('wrong', 'https://elsewhere.example'),
    ];
    for (const { headers } of answers) expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
