import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aProduct, ORIGIN, startApp, type TestApp, type TestBusiness } from './testing/start-app.ts';

let app: TestApp;
let bakery: TestBusiness;

beforeAll(async () => {
  app = await startApp();
  bakery = await app.business({ faqs: [{ question: 'Dogs?', answer: 'Welcome.', order: 0 }] });
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const asOwner = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
  app.http[method](path).set('X-API-Key', bakery.secretKey);

const postOnce = (body: object) => asOwner('post', '/v1/faqs').set('Idempotency-Key', 'once').send(body);

function expectProblem(answer: { status: number; type: string; body: unknown }, status: number, path?: string): void {
  expect(answer).toMatchObject({ status, type: 'application/problem+json' });
  expect(answer.body).toMatchObject({
    type: expect.stringMatching(/^urn:chatbusiness:problem:/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.any(String),
  });
  if (path !== undefined) {
    expect(answer.body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  }
}

describe('bad input gets a problem document that names the field', () => {
  test('malformed JSON', async () => {
    const answer = await asOwner('put', '/v1/products/LOAF').type('json').send('{"name": ');
    expectProblem(answer, 400);
    expect(answer.body.detail).toMatch(/^body: /);
  });

  test('a body that is no object', async () => {
    expectProblem(await asOwner('put', '/v1/products/LOAF').type('json').send('[1]'), 400, 'body');
  });

  test('an unknown field', async () => {
    expectProblem(await asOwner('put', '/v1/products/LOAF').send({ name: 'Loaf', colour: 'brown' }), 400, 'colour');
  });

  test('a wrong type, deep inside', async () => {
    const answer = await asOwner('put', '/v1/products/LOAF').send({
      name: 'Loaf',
      price: { amount: '7', currency: 'USD' },
    });
    expectProblem(answer, 400, 'price.amount');
  });

  test('hours that overlap', async () => {
    const monday = [
      { open: '08:00', close: '12:00' },
      { open: '11:00', close: '15:00' },
    ];
    const answer = await asOwner('put', '/v1/hours').send({
      timezone: 'Europe/Warsaw',
      weekly: { mon: monday },
      exceptions: [],
    });
    expectProblem(answer, 400, 'weekly.mon[1]');
  });

  test('a query that is out of range', async () => {
    expectProblem(await asOwner('get', '/v1/products?limit=0'), 400, 'query.limit');
  });

  test('a body that is too large, before it is read whole', async () => {
    const answer = await asOwner('put', '/v1/products/LOAF').send({ name: 'x'.repeat(1_000_000) });
    expectProblem(answer, 413, 'body');
    expect(answer.body.detail).toMatch(/100000/);
  });

  test('fields for a POST that takes none, and null for an object', async () => {
    expectProblem(await asOwner('post', '/v1/context/sync').send({ foo: 1 }), 400, 'foo');
    expectProblem(await asOwner('post', '/v1/context/sync').type('json').send('null'), 400, 'body');
    const visit = app.http.post('/v1/threads').set('X-API-Key', bakery.publishableKey).set('Origin', ORIGIN);
    expectProblem(await visit.send({ foo: 1 }), 400, 'foo');
  });

  test('text is cleaned of what no person types, and what is left must be something', async () => {
    const cleaned = await asOwner('put', '/v1/products/CLEAN').send({
      name: 'Lo\u0000af\u200d \ud800',
      url: 'https://shop.example/a b',
    });
    expect(cleaned.body).toMatchObject({
      name: expect.not.stringMatching(/\p{Cc}|\p{Cs}/u),
      url: 'https://shop.example/a%20b',
    });
    expectProblem(
      await asOwner('patch', '/v1/account').send({ persona: { greeting: '\u0000' } }),
      400,
      'persona.greeting',
    );
    expectProblem(
      await asOwner('put', '/v1/products/X').send({ name: 'x', url: 'http://u:p@shop.example' }),
      400,
      'url',
    );
    expectProblem(await asOwner('post', '/v1/products').send({ sku: '..', name: 'x' }), 400, 'sku');
    await asOwner('delete', '/v1/products/CLEAN');
  });

  test('a body that is not JSON', async () => {
    expectProblem(await asOwner('put', '/v1/products/LOAF').type('form').send('name=x'), 415);
  });

  test('an unknown path, an unknown SKU, an unknown FAQ, a broken percent-encoding', async () => {
    expectProblem(await app.http.get('/v1/nothing'), 404);
    expectProblem(await asOwner('patch', '/v1/products/NONE').send({ name: 'x' }), 404);
    expectProblem(await asOwner('delete', '/v1/faqs/faq_none'), 404);
    expectProblem(await asOwner('get', '/v1/context/files/%E0%A4%A'), 400);
  });
});

describe('who may call', () => {
  test('nobody without a key, with a mistyped one or with one of the other kind', async () => {
    expectProblem(await app.http.get('/v1/account'), 401);
    expectProblem(await app.http.get('/v1/account').set('X-API-Key', `${bakery.secretKey.slice(0, -1)}x`), 401);
    expectProblem(await app.http.get('/v1/account').set('X-API-Key', bakery.publishableKey).set('Origin', ORIGIN), 403);
    expectProblem(await app.http.get('/v1/widget').set('X-API-Key', bakery.secretKey).set('Origin', ORIGIN), 403);
  });

  test('a publishable key answers pages of its hosts, and a refusal names the host and can be read by the page', async () => {
    const visit = (origin: string) =>
      app.http.get('/v1/widget').set('X-API-Key', bakery.publishableKey).set('Origin', origin);

    expect((await visit(ORIGIN)).status).toBe(200);
    const refused = await visit('https://evil.example');
    expectProblem(refused, 403);
    expect(refused.body.detail).toMatch(/evil\.example/);
    expect(refused.headers['access-control-allow-origin']).toBe('https://evil.example');
    expectProblem(await visit('null'), 403);
    expectProblem(await app.http.get('/v1/widget').set('X-API-Key', bakery.publishableKey), 403);
  });

  test('a preflight is answered to anyone, without cookies', async () => {
    const answer = await app.http.options('/v1/threads').set('Origin', 'https://anywhere.example');

    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test("another business's product, FAQ and file are not there", async () => {
    const other = await app.business({ products: [aProduct({ sku: 'THEIRS' })] });
    const faq = await app.service.context.faqs.create(other.accountId, { question: 'Q', answer: 'A', order: 0 });

    expectProblem(await asOwner('patch', '/v1/products/THEIRS').send({ name: 'mine' }), 404);
    expectProblem(await asOwner('delete', '/v1/products/THEIRS'), 404);
    expectProblem(await asOwner('patch', `/v1/faqs/${faq._id}`).send({ answer: 'mine' }), 404);
    const found = await asOwner('get', '/v1/products');
    expect(JSON.stringify(found.body)).not.toContain('THEIRS');
  });
});

describe('products', () => {
  test('are created, replaced, changed in part, listed page by page and removed', async () => {
    const created = await asOwner('put', '/v1/products/RYE').send({
      name: 'Rye loaf',
      price: { amount: 800, currency: 'USD' },
    });
    expect(created).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: { sku: 'RYE', stock: 'in_stock', rev: 1 },
    });

    const patched = await asOwner('patch', '/v1/products/RYE').send({ stock: 'out_of_stock' });
    expect(patched.body).toMatchObject({ name: 'Rye loaf', stock: 'out_of_stock', price: { amount: 800 }, rev: 2 });

    const replaced = await asOwner('put', '/v1/products/RYE').send({ name: 'Dark rye' });
    expect(replaced).toMatchObject({ status: 200, body: { name: 'Dark rye', price: null, stock: 'in_stock' } });

    const first = await asOwner('get', '/v1/products?limit=1');
    expect(first.body).toMatchObject({ data: [{ sku: 'LOAF' }], nextCursor: 'LOAF' });
    const second = await asOwner('get', `/v1/products?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ data: [{ sku: 'RYE' }], nextCursor: null });
    expect((await asOwner('get', '/v1/products?query=dark+rye')).body.data).toHaveLength(1);

    expect((await asOwner('delete', '/v1/products/RYE')).status).toBe(204);
    expectProblem(await asOwner('delete', '/v1/products/RYE'), 404);
  });

  test('two owners who edit at once: the second is told that it is stale', async () => {
    const { headers } = await asOwner('put', '/v1/products/BUN').send({ name: 'Bun' });
    const etag = headers['etag'] as string;

    expect((await asOwner('patch', '/v1/products/BUN').set('If-Match', etag).send({ name: 'Bun A' })).status).toBe(200);
    expectProblem(await asOwner('patch', '/v1/products/BUN').set('If-Match', etag).send({ name: 'Bun B' }), 412);
    expectProblem(await asOwner('delete', '/v1/products/BUN').set('If-Match', etag), 412);
    await asOwner('delete', '/v1/products/BUN');
  });

  test('many changes to one product at once all succeed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) => asOwner('put', '/v1/products/RACE').send({ name: `Version ${index}` })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    await asOwner('delete', '/v1/products/RACE');
  });

  test('the same POST with the same Idempotency-Key is done once; with another body it is a conflict', async () => {
    const first = await postOnce({ question: 'Q?', answer: 'A.' });
    const again = await postOnce({ question: 'Q?', answer: 'A.' });

    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const { key } = await app.service.auth.keys.create(bakery.accountId, {
      kind: 'secret',
      name: 'other',
      hosts: [],
      scopes: ['context:write'],
    });
    const byAnotherKey = await postOnce({ question: 'Mine?', answer: 'Yes.' }).set('X-API-Key', key);
    expect(byAnotherKey.status).toBe(201);
    expectProblem(await postOnce({ question: 'Other?', answer: 'A.' }), 409);
  });
});

test('the account says who it is, and a patch changes what it names', async () => {
  const answer = await asOwner('patch', '/v1/account').send({ persona: { tone: 'dry' }, contact: { phone: null } });

  expect(answer.body).toMatchObject({
    persona: { tone: 'dry', greeting: 'Welcome!' },
    contact: { phone: null, email: 'hello@bakery.example' },
  });
});

test('a place is read and changed in what a patch names; places of others are not there', async () => {
  const { body } = await asOwner('get', '/v1/locations');
  const [place] = body.data;
  const changed = await asOwner('patch', `/v1/locations/${place.id}`).send({
    address: { street: '9 New St' },
    geo: null,
  });
  const other = await app.business();

  expect(changed.body).toEqual({ ...place, address: { ...place.address, street: '9 New St' }, geo: null });
  expect((await asOwner('get', '/v1/locations')).body.data).toEqual([changed.body]);
  expect((await asOwner('get', '/v1/account')).body.context.upToDate).toBe(false);
  const foreign = app.http.patch(`/v1/locations/${place.id}`).set('X-API-Key', other.secretKey);
  expectProblem(await foreign.send({ name: 'Mine' }), 404);
  const stale = asOwner('patch', `/v1/locations/${place.id}`).set('If-Match', '"1"');
  expectProblem(await stale.send({ name: 'Old' }), 412);
  expectProblem(
    await asOwner('patch', `/v1/locations/${place.id}`).send({ address: { country: 'USA' } }),
    400,
    'address.country',
  );
});

test('hours are read, replaced, and said for any moment', async () => {
  const before = await asOwner('get', '/v1/hours');
  expect(before.body).toMatchObject({ timezone: 'America/Los_Angeles' });

  const open = await asOwner('get', '/v1/hours/now?at=2026-11-24T18:00:00Z');
  expect(open.body).toMatchObject({ open: true, until: '2026-11-24T23:00:00Z', said: 'open until 3 pm' });
});

test('no cache may hold an answer: the same URL says something else to each key', async () => {
  expect((await asOwner('get', '/v1/account')).headers['cache-control']).toBe('no-store');
});

test('a request id is echoed, in problems too, and one that is no token is replaced', async () => {
  const named = await app.http.get('/v1/nothing').set('X-Request-Id', 'trace-1');
  expect(named.headers['x-request-id']).toBe('trace-1');
  expect(named.body.instance).toBe('trace-1');
  const replaced = await app.http.get('/healthz').set('X-Request-Id', 'a b{}');
  expect(replaced.headers['x-request-id']).toMatch(/^req_/);
});

/** A body that each route takes, for the test to break in one place. */
const validBodies: Record<string, unknown> = {
  'patch /v1/account': {
    name: 'Bakery',
    contact: { email: 'a@b.example' },
    persona: { tone: 'warm', languages: ['en'] },
  },
  'patch /v1/locations/{id}': { name: 'Main', address: { city: 'Bend' }, geo: { lat: 1, lon: 2 }, phone: '1' },
  'post /v1/locations': {
    name: 'Stall',
    address: { street: '', city: 'Bend', region: '', postalCode: '', country: 'US' },
  },
  'put /v1/locations/{id}/hours': { timezone: 'Europe/Warsaw', weekly: {}, exceptions: [] },
  'patch /v1/admin/accounts/{id}': {
    status: 'suspended',
    plan: 'free',
    billing: 'grace',
    limits: { messagesPerDay: 5 },
  },
  'post /v1/admin/accounts/{id}/sync': {},
  'put /v1/hours': {
    timezone: 'Europe/Warsaw',
    weekly: { mon: [{ open: '08:00', close: '12:00' }] },
    exceptions: [{ date: '2026-12-25', closed: true }],
  },
  'post /v1/products': { sku: 'NEW', name: 'New', price: { amount: 1, currency: 'USD' }, tags: ['a'] },
  'put /v1/products/{sku}': {
    name: 'New',
    price: { amount: 1, currency: 'USD' },
    tags: ['a'],
    url: 'https://a.example',
  },
  'patch /v1/products/{sku}': { name: 'New', stock: 'in_stock' },
  'post /v1/faqs': { question: 'Q?', answer: 'A.' },
  'patch /v1/faqs/{id}': { question: 'Q?', order: 1 },
  'post /v1/local-context': { text: 'News', expiresAt: '2099-01-01T00:00:00Z' },
  'post /v1/context/sync': {},
  'post /v1/context/search': { query: 'dogs', limit: 3 },
  'patch /v1/assistant': { model: 'embedded-extractive', maxOutputTokens: 100 },
  'post /v1/keys': { kind: 'publishable', name: 'Shop', hosts: ['shop.example'], expiresAt: '2099-01-01T00:00:00Z' },
  'patch /v1/keys/{id}': { name: 'Shop', hosts: ['shop.example'] },
  'post /v1/keys/{id}/rotate': { overlapHours: 1 },
  'post /v1/keys/{id}/refusals/allow': { host: 'shop.example' },
  'post /v1/auth/signup': { email: 'a@b.example', password: 'four words make one', name: 'A', business: { name: 'B' } },
  'post /v1/auth/login': { email: 'a@b.example', password: 'four words make one' },
  'post /v1/auth/refresh': {},
  'post /v1/auth/logout': { everywhere: true },
  'post /v1/auth/verify-email': { token: 'x' },
  'post /v1/auth/resend-verification': {},
  'post /v1/auth/forgot-password': { email: 'a@b.example' },
  'post /v1/auth/reset-password': { token: 'x', password: 'four words make one' },
  'post /v1/auth/change-password': { currentPassword: 'x', newPassword: 'four words make one' },
  'post /v1/auth/accept-invitation': { token: 'x', name: 'A', password: 'four words make one' },
  'post /v1/team/invitations': { email: 'a@b.example', role: 'viewer' },
  'patch /v1/team/{userId}': { role: 'viewer' },
  'post /v1/threads': {},
  'post /v1/threads/{id}/messages': { text: 'Dogs?' },
  'post /v1/threads/{id}/stop': {},
  'post /v1/threads/{id}/handoff': { name: 'A', email: 'a@b.example', note: 'Call me' },
  'post /v1/chat': {
    id: 'chat',
    trigger: 'submit-message',
    messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text: 'Dogs?' }] }],
  },
};

test('random bodies, bodies broken in one place, random queries and ids on every described route get no 5xx', async () => {
  const { body: description } = await app.http.get('/openapi.json');
  const routes = Object.entries(description.paths as Record<string, Record<string, unknown>>).flatMap(
    ([path, methods]) => Object.keys(methods).map((method) => ({ path, method: method as 'get' })),
  );
  expect(routes.length).toBeGreaterThan(20);
  const taking = routes
    .filter(({ method }) => !['get', 'delete'].includes(method))
    .map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(validBodies).sort()).toEqual(taking.sort());

  for (const { path, method } of routes) {
    const valid = validBodies[`${method} ${path}`] ?? {};
    const attempt = fc.record({
      body: fc.oneof(fc.json(), fc.string({ unit: 'binary' }), breakOnePlace(valid)),
      id: fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
      query: fc.webQueryParameters(),
    });
    await fc.assert(
      fc.asyncProperty(attempt, async ({ body, id, query }) => {
        const url = path.replaceAll(/\{\w+\}/g, encodeURIComponent(id.toWellFormed()));
        const isVisitor = /^\/v1\/(?:threads|chat|widget)/.test(path);
        const key = isVisitor ? bakery.publishableKey : bakery.secretKey;
        const headers = { Origin: ORIGIN, Accept: 'application/json', 'X-API-Key': key, 'X-Thread-Token': 'x' };
        const request = app.http[method](`${url}?${method === 'get' ? query : ''}`)
          .set(headers)
          .type('json');
        const answer = await (method === 'get' ? request : request.send(body));
        expect({ status: answer.status, body }).not.toMatchObject({ status: 500 });
        if (answer.status >= 400) expect(answer.type).toBe('application/problem+json');
      }),
      { numRuns: 25 },
    );
  }
}, 120_000);

/** The JSON of a value in which one part, at any depth, is any JSON instead; deep nesting and objects that pose as text included. */
function breakOnePlace(valid: unknown): fc.Arbitrary<string> {
  const strange = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(DEEP, { toString: 1, valueOf: 1 }, -0, 1e308, '\u0000', '\ud800'),
  );
  return fc.tuple(fc.constantFrom(...placesOf(valid)), strange).map(([place, value]) => {
    const text = JSON.stringify(replaceAt(valid, place, '@@'));
    return text.replace('"@@"', () =>
      value === DEEP ? `${'['.repeat(50_000)}${']'.repeat(50_000)}` : JSON.stringify(value),
    );
  });
}

const DEEP = Symbol('deeply nested');

function placesOf(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  const below = Object.entries(value).flatMap(([key, part]) => placesOf(part).map((rest) => [key, ...rest]));
  return [[], ...below];
}

function replaceAt(value: unknown, [key, ...rest]: (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaceAt(copy[key], rest, by);
  return copy;
}
