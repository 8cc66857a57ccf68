import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import type { ExportedFile } from '../platform/data-owners.ts';
import { type ChatApp, startChatApp } from '../testing/chat-app.ts';
import { joinAs, type TestPerson } from '../testing/people.ts';
import type { TestBusiness } from '../testing/start-app.ts';

let chat: ChatApp;
let owner: TestPerson;

beforeAll(async () => {
  chat = await startChatApp();
  owner = await joinAs(chat.app, chat.bakery.accountId, 'owner');
});

afterAll(async () => {
  await chat[Symbol.asyncDispose]();
});

/** Downloads over a connection of its own, as a browser does. */
async function download() {
  const server = createServer(chat.app.service.app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const headers = {
    cookie: [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    'x-account': chat.bakery.accountId,
    host: 'chat.example',
  };
  const { port } = server.address() as AddressInfo;
  const request = get({ host: '127.0.0.1', port, path: '/v1/account/export', headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { request, response, [Symbol.dispose]: () => void server.close() };
}

/** Resolves once a number has stopped to grow, however often others had their turn. */
async function untilStill(read: () => number): Promise<void> {
  for (let before = -1; before !== read();) {
    before = read();
    for (let turn = 0; turn < 1000; turn += 1) await setImmediate();
  }
}

const linesOf = (text: string | undefined) =>
  (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('an export', () => {
  let texts: Record<string, string>;
  let mill: TestBusiness;

  beforeAll(async () => {
    const { service } = chat.app;
    mill = await chat.app.business();
    await service.context.faqs.create(chat.bakery.accountId, { question: 'Rye?', answer: 'Yes.', order: 0 });
    const visitor = await chat.visitor();
    chat.upstream.respond().text('Hello there').complete();
    await (await visitor.say('Good morning')).rest();
    await visitor.post('handoff', { email: 'visitor@example.com' });
    const millVisitor = await chat.visitor(mill.publishableKey);
    chat.upstream.respond().text('Hello miller').complete();
    await (await millVisitor.say('Flour?')).rest();

    using downloading = await download();
    const { response } = downloading;
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/zip');
    expect(response.headers['content-disposition']).toMatch(/^attachment; filename="bakery-\d+-\d{4}-\d\d-\d\d\.zip"$/);
    const files = unzipSync(Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)));
    texts = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
  });

  test('holds what each feature keeps', () => {
    expect(JSON.parse(texts['account.json'] ?? '')).toMatchObject({
      _id: chat.bakery.accountId,
      name: 'Corner Bakery',
    });
    expect(linesOf(texts['locations.jsonl'])).toMatchObject([{ name: 'Corner Bakery', isMain: true }]);
    expect(linesOf(texts['usage.jsonl'])).toMatchObject([{ messages: 1 }]);
    expect(linesOf(texts['products.jsonl'])).toMatchObject([{ sku: 'LOAF', price: { amount: 750 } }]);
    expect(linesOf(texts['faqs.jsonl'])).toMatchObject([{ question: 'Rye?' }]);
    expect(linesOf(texts['threads.jsonl'])).toHaveLength(1);
    expect(linesOf(texts['messages.jsonl'])).toMatchObject([{ text: 'Good morning' }, { text: 'Hello there' }]);
    expect(linesOf(texts['handoffs.jsonl'])).toMatchObject([{ email: 'visitor@example.com' }]);
    expect(linesOf(texts['assistant-versions.jsonl'])).toMatchObject([{ version: 1 }]);
    expect(linesOf(texts['keys.jsonl'])).toMatchObject([{ kind: expect.any(String) }, { kind: expect.any(String) }]);
    expect(texts['context/hours.md']).toMatch(/^# Opening hours of Corner Bakery/);
    expect(texts).toHaveProperty(['context-versions.jsonl']);
    expect(texts).toHaveProperty(['notes.jsonl']);
    expect(linesOf(texts['team.jsonl'])).toMatchObject([{ userId: owner.userId, email: owner.email, role: 'owner' }]);
    expect(texts).toHaveProperty(['invitations.jsonl']);
  });

  test('names all its files in the last one, by which it is known to be whole', () => {
    const { accountId, files } = JSON.parse(texts['export.json'] ?? '') as { accountId: string; files: string[] };

    expect(accountId).toBe(chat.bakery.accountId);
    expect([...files, 'export.json']).toEqual(Object.keys(texts));
  });

  test('holds nothing of another business, and no secret', () => {
    const all = Object.values(texts).join('\n');

    expect(all).not.toContain(mill.accountId);
    expect(all).not.toContain('miller');
    expect(all).not.toMatch(/[Hh]ash"|secrets"/);
    expect(all).not.toMatch(/cb_[ps]k_/);
  });

  test('is written down: who took everything along', async () => {
    const { body } = await owner.get('/v1/account/audit');

    expect(body.data[0]).toMatchObject({ action: 'GET /v1/account/export', actorId: owner.userId });
  });
});

async function* broken() {
  yield { path: 'whole.txt', text: randomUUID().repeat(5000) };
  throw new Error('the database went away');
}

describe('an export of which a part fails, or that nobody reads to its end', () => {
  const batches = { read: 0, isBegun: Promise.withResolvers<void>(), isEnded: Promise.withResolvers<void>() };

  let files: () => AsyncIterable<ExportedFile>;

  beforeAll(() => {
    chat.app.service.owners.register({
      name: 'late',
      exportAccount: () => files(),
      eraseAccount: () => Promise.resolve({}),
    });
  });

  async function* endless() {
    yield { path: 'endless.jsonl', lines: count() };
  }

  async function* count() {
    batches.isBegun.resolve();
    try {
      for (;;) yield { place: (batches.read += 1), noise: randomBytes(1500).toString('base64') };
    } finally {
      batches.isEnded.resolve();
    }
  }

  test('is cut off, so that half of it doesn’t look whole', async () => {
    files = broken;
    using broke = await download();

    await expect(Array.fromAsync(broke.response)).rejects.toThrow(/aborted/);
    expect(broke.response.complete).toBe(false);
  });

  test('stops when its reader leaves, and never reads far ahead of a slow one', async () => {
    files = endless;
    using left = await download();
    await batches.isBegun.promise;
    await untilStill(() => batches.read);
    expect(batches.read).toBeLessThan(20_000);

    left.request.destroy();

    await batches.isEnded.promise;
  });
});
