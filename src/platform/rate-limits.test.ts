import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startMongoServer } from '@chatbusiness/embedded-mongo';
import express from 'express';
import { pino } from 'pino';
import supertest from 'supertest';
import { ORIGIN, startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';
import { openDatabase } from './database.ts';
import { answerProblem } from './problem-json.ts';
import { createAdmit } from './rate-limits.ts';
import { createRateLimitModel } from './rate-limit.model.ts';
import type { AnyCaller } from './route.ts';
import { createHasher } from './server-secret.ts';

const log = pino({ level: 'silent' });
const noLimit = 1_000_000;

describe('through the app', () => {
  let app: TestApp;
  let bakery: TestBusiness;

  beforeAll(async () => {
    app = await startApp({}, { RATE_LIMIT_KEY: '3', RATE_LIMIT_ADDRESS: '2' });
    bakery = await app.business();
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const visitOf = (business: TestBusiness, headers: Record<string, string> = {}) =>
    app.http.get('/v1/widget').set({ 'X-API-Key': business.publishableKey, Origin: ORIGIN, ...headers });

  test('each answer says how much is left, and the one over the limit when to go on; other businesses go on', async () => {
    const ask = ({ secretKey }: TestBusiness) => app.http.get('/v1/account').set('X-API-Key', secretKey);
    const first = await ask(bakery);
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"key";q=3;w=60',
      ratelimit: expect.stringMatching(/^"key";r=2;t=([1-9]|[1-5]\d|60)$/),
    });
    await ask(bakery);
    await ask(bakery);

    const over = await ask(bakery);

    expect(over).toMatchObject({ status: 429, body: { type: 'urn:chatbusiness:problem:too-many-requests' } });
    expect(over.body.detail).toMatch(/^This API key may send 3 requests a minute; go on in \d+ s$/);
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0);
    expect(over.headers['ratelimit']).toMatch(/^"key";r=0;/);
    expect((await ask(await app.business())).status).toBe(200);
  });

  test('a count holds in every process', async () => {
    const { secretKey } = await app.business();
    const other = supertest((await app.sibling()).app);
    const ask = (http: typeof other) => http.get('/v1/account').set('X-API-Key', secretKey);

    const statuses = [];
    for (const http of [app.http, other, app.http, other]) statuses.push((await ask(http)).status);

    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  test('a forged X-Forwarded-For changes nothing, a page can read the refusal, and no address is kept', async () => {
    const business = await app.business();
    const statuses = [];
    for (const last of [1, 2, 3]) {
      const answer = await visitOf(business, { 'X-Forwarded-For': `203.0.113.${last}` });
      statuses.push(answer.status);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-expose-headers': expect.stringMatching(/RateLimit, RateLimit-Policy, Retry-After/),
      });
    }

    expect(statuses).toEqual([200, 200, 429]);
    const kept = await createRateLimitModel(app.service.platform.connection).find().lean();
    const keys = kept.map(({ key }) => key);
    expect(keys).toContainEqual(expect.stringMatching(/^address:key_\w+:[0-9a-f]{64}$/));
    expect(keys.join(' ')).not.toMatch(/127\.0\.0\.1|203\.0\.113/);
  });
});

test('a visitor who is over the limit uses up nothing of what the business may', async () => {
  await using app = await startApp({}, { RATE_LIMIT_ADDRESS: '2', RATE_LIMIT_ACCOUNT: '6' });
  const { publishableKey, secretKey } = await app.business();
  const statuses = [];
  for (let asked = 0; asked < 12; asked += 1) {
    const headers = { 'X-API-Key': publishableKey, Origin: ORIGIN };
    statuses.push((await app.http.get('/v1/widget').set(headers)).status);
  }

  expect(statuses).toEqual([200, 200, ...Array<number>(10).fill(429)]);
  expect((await app.http.get('/v1/account').set('X-API-Key', secretKey)).status).toBe(200);
});

test('what is over a limit is refused, also where another one has just been used up', async () => {
  await using app = await startApp({}, { RATE_LIMIT_ADDRESS: '2', RATE_LIMIT_ACCOUNT: '3' });
  const { publishableKey } = await app.business();
  const ask = () => app.http.get('/v1/widget').set({ 'X-API-Key': publishableKey, Origin: ORIGIN });

  expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([200, 200, 429]);
});

test('behind a listed proxy visitors are told apart; IPv6 ones of one /64 are one, and so is whatever is no address', async () => {
  await using app = await startApp({}, { RATE_LIMIT_ADDRESS: '2', TRUSTED_PROXIES: 'loopback, 198.51.100.0/24' });
  const { publishableKey } = await app.business();
  const statusOf = async (forwarded: string) => {
    const headers = { 'X-API-Key': publishableKey, Origin: ORIGIN, 'X-Forwarded-For': forwarded };
    return (await app.http.get('/v1/widget').set(headers)).status;
  };
  const statuses: Record<string, number> = {};
  for (const from of [
    '203.0.113.1',
    '203.0.113.2',
    '203.0.113.9, 203.0.113.1', // what the visitor wrote comes first and is not believed
    '203.0.113.8, 203.0.113.1, 198.51.100.7',
    '2001:db8:1:1::1',
    '2001:db8:1:1::2',
    '2001:db8:1:1:ffff::3',
    '2001:db8:1:2::1',
    'garbage',
    'unknown',
    'nonsense',
  ])
    statuses[from] = await statusOf(from);

  expect(statuses).toEqual({
    '203.0.113.1': 200,
    '203.0.113.2': 200,
    '203.0.113.9, 203.0.113.1': 200,
    '203.0.113.8, 203.0.113.1, 198.51.100.7': 429,
    '2001:db8:1:1::1': 200,
    '2001:db8:1:1::2': 200,
    '2001:db8:1:1:ffff::3': 429,
    '2001:db8:1:2::1': 200,
    garbage: 200,
    unknown: 200,
    nonsense: 429,
  });
});

describe('on a database that may go away', () => {
  const business = { accountId: 'acc_1', actorId: 'key_1', keyId: 'key_1', kind: 'secret' } as const;
  const member = { accountId: 'acc_1', userId: 'usr_1', sessionId: 's', actorId: 'usr_1', role: 'owner' };

  test.each<[string, number, AnyCaller]>([
    ['account', 1, business],
    ['key', 2, business],
    ['person', 3, member],
  ])('the %s has its limit, and the tightest is told', async (name, perMinute, caller) => {
    await using database = await openFrozenDatabase();
    const http = await serveAdmitted(database.uri, caller, { [name]: perMinute });

    const statuses = [];
    for (let n = 0; n <= perMinute; n += 1) {
      const { status, headers } = await http.get('/');
      statuses.push(status);
      expect(headers['ratelimit-policy']).toBe(`"${name}";q=${perMinute};w=60`);
    }

    expect(statuses).toEqual([...Array<number>(perMinute).fill(200), 429]);
    await http.close();
  });

  test.each(['slow', 'dead'] as const)('a %s one stops nobody: the process counts by itself', async (how) => {
    await using database = await openFrozenDatabase();
    const http = await serveAdmitted(database.uri, business, { key: 2 });
    expect((await http.get('/')).headers['ratelimit']).toMatch(/r=1;/);

    database[how]();
    const start = performance.now();
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await http.get('/')).status);

    expect(statuses).toEqual([200, 200, 429]);
    expect(performance.now() - start).toBeLessThan(5000);
    await http.close();
  });
});

/** An app that admits one caller and answers. */
async function serveAdmitted(uri: string, caller: AnyCaller, limits: object) {
  const connection = await openDatabase(uri, 'limits');
  const rateLimits = { account: noLimit, key: noLimit, address: noLimit, person: noLimit, wrongKeys: 1, ...limits };
  const admit = createAdmit({
    connection,
    config: { rateLimits, trustedProxies: [] },
    hasher: createHasher('x'.repeat(32)),
    log,
  });
  await createRateLimitModel(connection).createIndexes();
  const app = express();
  app.get('/', async (req, res) => {
    await admit(caller, req, res);
    res.json({});
  });
  app.use(answerProblem(log));
  const http = supertest(app);
  return { get: (path: string) => http.get(path), close: () => connection.close(true) };
}

/** A database behind a wire that can be cut, or pass nothing on. */
async function openFrozenDatabase() {
  const mongo = await startMongoServer({ memory: true, port: 0 });
  const { port: mongoPort } = new URL(mongo.uri.replace('mongodb:', 'http:'));
  const sockets = new Set<Socket>();
  let isPassing = true;
  const wire = createServer((socket) => {
    const onwards = connect(Number(mongoPort), '127.0.0.1');
    for (const end of [socket, onwards]) {
      sockets.add(end);
      end.on('error', () => undefined).on('close', () => sockets.delete(end));
    }
    socket.on('data', (chunk) => isPassing && onwards.write(chunk));
    onwards.on('data', (chunk) => isPassing && socket.write(chunk));
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    uri: `mongodb://127.0.0.1:${(wire.address() as AddressInfo).port}/?directConnection=true`,
    slow: () => (isPassing = false),
    dead() {
      wire.close();
      cut();
    },
    async [Symbol.asyncDispose]() {
      wire.close();
      cut();
      await mongo.close();
    },
  };
}
