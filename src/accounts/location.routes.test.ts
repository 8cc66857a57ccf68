import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aLocation, anOpenWeek, startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';

let app: TestApp;
let bakery: TestBusiness;
let mill: TestBusiness;

beforeAll(async () => {
  app = await startApp();
  [bakery, mill] = [await app.business(), await app.business()];
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, key = bakery.secretKey) =>
  app.http[method](`/v1/locations${path}`).set('X-API-Key', key);

const listNames = async (key?: string) =>
  (await call('get', '', key)).body.data.map(({ name, isMain }: { name: string; isMain: boolean }) =>
    isMain ? `${name} (main)` : name,
  );

const add = (name: string, more: object = {}) => call('post', '').send({ ...aLocation(), name, ...more });

test('a place is added, told about, changed and removed', async () => {
  const { geo: _, phone: _phone, directions: _directions, ...place } = aLocation();
  const added = await call('post', '').send({ ...place, name: 'Market stall', hours: anOpenWeek() });
  expect(added.status).toBe(201);
  const { id } = added.body;
  expect(await listNames()).toEqual(['Corner Bakery (main)', 'Market stall']);

  expect((await call('patch', `/${id}`).send({ name: 'Stall' })).body).toMatchObject({
    id,
    name: 'Stall',
    isMain: false,
  });
  expect((await call('delete', `/${id}`)).status).toBe(204);
  expect((await call('delete', `/${id}`)).status).toBe(404);
  expect(await listNames()).toEqual(['Corner Bakery (main)']);
});

describe('a second place', () => {
  let id: string;
  beforeAll(async () => {
    id = (await add('North shop')).body.id;
  });

  test('has hours of its own, unknown at first, and the assistant is asked of each by its name', async () => {
    const { context } = app.service;
    const ask = (location: string | null) => context.openingHours(bakery.accountId, { date: '2026-11-24', location });
    const unknown = await call('get', `/${id}/hours`);
    expect(unknown.body).toEqual({ timezone: 'America/Los_Angeles', weekly: {}, exceptions: [] });
    expect((await ask('North shop')).said).toBe("I don't know the opening hours of North shop.");

    const tuesdays = { ...unknown.body, weekly: { tue: [{ open: '10:00', close: '12:00' }] } };
    const put = await call('put', `/${id}/hours`)
      .set('If-Match', unknown.headers['etag'] ?? '')
      .send(tuesdays);
    expect(put.status).toBe(200);
    expect(
      (
        await call('put', `/${id}/hours`)
          .set('If-Match', unknown.headers['etag'] ?? '')
          .send(tuesdays)
      ).status,
    ).toBe(412);

    expect((await ask('north')).said).toMatch(/10 am to noon/);
    expect((await ask(null)).said).toMatch(/7 am to 3 pm/);
    expect((await app.http.get('/v1/hours').set('X-API-Key', bakery.secretKey)).body).toEqual(anOpenWeek());
    expect(await context.describeNow(bakery.accountId, new Date())).toMatch(/North shop today/);
    await context.sync(bakery.accountId);
    expect(await context.readFile(bakery.accountId, 'hours.md')).toMatch(/North shop: every week/);
  });

  test('becomes the main one, whose hours `/v1/hours` tells, and can’t be removed then', async () => {
    const standing = await app.service.accounts.getStanding(bakery.accountId);
    expect(standing.timezone).toBe('America/Los_Angeles');
    await call('put', `/${id}/hours`).send({ ...anOpenWeek(), timezone: 'Europe/Paris' });

    expect((await call('patch', `/${id}`).send({ isMain: true })).body).toMatchObject({ isMain: true });

    expect(await listNames()).toEqual(['North shop (main)', 'Corner Bakery']);
    expect((await app.http.get('/v1/hours').set('X-API-Key', bakery.secretKey)).body.timezone).toBe('Europe/Paris');
    expect((await app.service.accounts.getStanding(bakery.accountId)).timezone).toBe('Europe/Paris');
    const refused = await call('delete', `/${id}`);
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toMatch(/main location/);
  });

  test('two places that become the main one at once leave one', async () => {
    const third = (await add('South shop')).body.id as string;

    await Promise.all([id, third].map((each) => call('patch', `/${each}`).send({ isMain: true })));

    const names: string[] = await listNames();
    expect(names).toHaveLength(3);
    expect(names.filter((name) => name.endsWith('(main)'))).toHaveLength(1);
    expect((await app.http.get('/v1/hours').set('X-API-Key', bakery.secretKey)).status).toBe(200);
  });

  test('of another business is as none', async () => {
    const answers = [
      await call('patch', `/${id}`, mill.secretKey).send({ name: 'Mine' }),
      await call('delete', `/${id}`, mill.secretKey),
      await call('get', `/${id}/hours`, mill.secretKey),
      await call('put', `/${id}/hours`, mill.secretKey).send(anOpenWeek()),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(await listNames(mill.secretKey)).toEqual(['Corner Bakery (main)']);
  });
});

test('a business has at most fifty places', async () => {
  const before = (await listNames(mill.secretKey)).length;
  const addToMill = (place: number) =>
    app.service.accounts.addLocation(mill.accountId, { ...aLocation(), name: `Shop ${place}` }, undefined);
  for (let place = before; place < 50; place += 1) await addToMill(place);

  await expect(addToMill(50)).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining('50') });
});
