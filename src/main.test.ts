import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openEngine, serveEngine } from '@chatbusiness/embedded-openai';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { readConfig } from './config.ts';
import { build } from './main.ts';
import type { Service } from './services.ts';
import { ORIGIN, startApp, type TestBusiness } from './testing/start-app.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'main-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));

async function ask(
  http: ReturnType<typeof supertest>,
  { publishableKey }: Pick<TestBusiness, 'publishableKey'>,
  text: string,
  origin = ORIGIN,
) {
  const asVisitor = { 'X-API-Key': publishableKey, Origin: origin };
  const { body: thread } = await http.post('/v1/threads').set(asVisitor).send({});
  const headers = { ...asVisitor, 'X-Thread-Token': thread.token, Accept: 'application/json' };
  return http.post(`/v1/threads/${thread.id}/messages`).set(headers).send({ text });
}

test('with a base URL the same code syncs to that server and answers from it, over the network', async () => {
  const engine = openEngine({ path: path.join(dataDir, 'remote.sqlite'), apiKey: 'the-key' });
  const remote = await serveEngine(engine, { port: 0 });
  try {
    const settings = { OPENAI_BASE_URL: remote.url, OPENAI_API_KEY: 'the-key', OPENAI_MODEL: 'embedded-extractive' };
    await using app = await startApp({}, settings);
    const bakery = await app.business({
      faqs: [{ question: 'May I bring my dog?', answer: 'Dogs are welcome on the terrace.', order: 0 }],
    });

    const answer = await ask(app.http, bakery, 'May I bring my dog?');

    expect(answer).toMatchObject({ status: 200, body: { state: 'done' } });
    expect(JSON.stringify(answer.body.parts)).toMatch(/terrace.*Questions and answers/);
    await expect(stat(path.join(app.service.platform.config.dataDir, 'engine.sqlite'))).rejects.toThrow(/ENOENT/);
  } finally {
    await remote.close();
    await engine.close();
  }
});

test('a server that refuses the key stops the sync with its answer', async () => {
  const refusing = createServer((_req, res) =>
    res.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}'),
  );
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  const { port } = refusing.address() as AddressInfo;
  try {
    await using app = await startApp({}, { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'wrong' });
    await expect(app.business()).rejects.toThrow(/401/);
  } finally {
    refusing.close();
  }
});

test('without one, no connection leaves the machine: seeding, sync and answers go by socket files alone', async () => {
  const reached: string[] = [];
  const watch = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => reached.push(socket.remoteAddress ?? 'a socket file'));
  };
  subscribe('net.client.socket', watch);
  try {
    await using service = await build(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
    await seedAndAsk(service);
  } finally {
    unsubscribe('net.client.socket', watch);
  }

  expect(reached.length).toBeGreaterThan(0);
  expect(
    reached.filter((address) => !['a socket file', '127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(address)),
  ).toEqual([]);
}, 60_000);

test('seeding makes the demo businesses once, with keys that only their owner can read, and again if they are lost', async () => {
  await using service = await build(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
  await service.demo?.seed();
  const first = await service.demo?.list();
  await service.demo?.seed();

  expect(await service.demo?.list()).toEqual(first);
  expect(first?.map(({ slug }) => slug)).toEqual(['bend-birdfood', 'bendt-baguette']);
  expect((await stat(path.join(dataDir, 'demo.json'))).mode & 0o077).toBe(0);

  await rm(path.join(dataDir, 'demo.json'));
  await service.demo?.seed();
  expect(await service.accounts.list({ limit: 10 })).toHaveLength(2);
  const account = await service.accounts.findBySlug('bendt-baguette');
  expect(await service.context.faqs.list(account!._id)).toHaveLength(26);
}, 60_000);

test('production serves no demo', async () => {
  const env = { NODE_ENV: 'production', SERVER_SECRET: 'x'.repeat(32), DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
  await using service = await build(readConfig(env));

  expect(service.demo).toBeUndefined();
  expect((await supertest(service.app).get('/demo').set('Host', 'localhost')).status).toBe(404);
  expect((await supertest(service.app).get('/demo-keys.json').set('Sec-Fetch-Site', 'same-origin')).status).toBe(404);
}, 60_000);

test('the demo keys are told to pages of this server alone', async () => {
  await using service = await build(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
  const http = supertest(service.app);
  const keys = (headers: Record<string, string>) => http.get('/demo-keys.json').set(headers);

  expect((await keys({ Host: '127.0.0.1:3000', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  expect((await keys({ Host: 'rebound.example:3000', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(403);
  expect((await keys({ Host: 'localhost:3000', 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await keys({ Host: 'localhost:3000' })).status).toBe(403);
  expect((await http.get('/demo').set('Host', 'rebound.example')).status).toBe(403);
}, 60_000);

async function seedAndAsk(service: Service): Promise<void> {
  await service.demo?.seed();
  const [birdfood] = (await service.demo?.list()) ?? [];
  const account = await service.accounts.findBySlug(birdfood!.slug);
  await service.context.sync(account!._id);
  const answer = await ask(supertest(service.app), birdfood!, 'Do you ship?', 'http://localhost:3000');
  expect(answer.status).toBe(200);
}
