import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { createErasureModel, type Erasure } from './erasure.model.ts';
import { type ChatApp, startChatApp } from '../testing/chat-app.ts';
import { createCountingUpstream } from '../testing/counting-upstream.ts';
import { findTraces } from '../testing/data-traces.ts';
import { joinAs, logIn, openBrowser, PASSWORD, signUp } from '../testing/people.ts';
import { startApp, type TestBusiness } from '../testing/start-app.ts';

/** What is kept of a business that is gone: that it was erased, and numbers that may never start again. */
const KEPT = { erasures: 1, leases: 2 };
/** Counters of rate limits end by themselves within the hour. */
async function remainsOf(connection: Connection, accountId: string): Promise<Record<string, number>> {
  const { rateLimits: _, ...remains } = await findTraces(connection, accountId);
  return remains;
}

const never = new AbortController().signal;

let chat: ChatApp;

beforeAll(async () => {
  chat = await startChatApp();
});

afterAll(async () => {
  await chat[Symbol.asyncDispose]();
});

async function fillWithConversation(accountId: string): Promise<void> {
  const { communication, context, platform } = chat.app.service;
  await context.faqs.create(accountId, { question: 'Do you bake?', answer: 'We do.', order: 0 });
  const expiresAt = new Date(platform.clock.now().getTime() + 3_600_000).toISOString();
  await context.localContext.addNote(accountId, { text: 'We have plum cake.', expiresAt });
  await context.sync(accountId);
  const visitor = await chat.visitor();
  chat.upstream.respond().text('Hello').complete();
  await (await visitor.say('Hi')).rest();
  await visitor.post('handoff', { email: 'visitor@example.com' });
  await communication.deliverHandoffs();
}

async function laterProcess() {
  const { clock } = chat.app.service.platform;
  const ahead = { ...clock, now: () => new Date(clock.now().getTime() + 20_000) };
  return chat.app.sibling({ clock: ahead });
}

const listErasures = (accountId: string) =>
  createErasureModel(chat.app.service.platform.connection).find({ accountId }).lean<Erasure[]>();

describe('a business that is erased', () => {
  test('is gone from database, object store, OpenAI and outbox; another is as it was; its report is mailed', async () => {
    const { service } = chat.app;
    const { connection, objects, upstream, config } = service.platform;
    const other = await chat.app.business();
    const { accountId } = chat.bakery;
    await fillWithConversation(accountId);
    const otherBefore = await findTraces(connection, other.accountId);
    const account = await service.accounts.get(accountId);

    const erasure = await service.erasures.request(account, { actorId: 'usr_owner' });
    const report = await service.erasures.run(erasure, { signal: never });

    expect(await remainsOf(connection, accountId)).toEqual(KEPT);
    expect(await findTraces(connection, other.accountId)).toEqual(otherBefore);
    expect(await objects.list(`accounts/${accountId}/`)).toEqual([]);
    expect(await objects.list(`accounts/${other.accountId}/`)).not.toEqual([]);
    const files = await Array.fromAsync(upstream.openai.files.list());
    expect(files.filter(({ filename }) => filename.includes(accountId))).toEqual([]);
    expect(files.filter(({ filename }) => filename.includes(other.accountId))).not.toEqual([]);
    const stores = await Array.fromAsync(upstream.openai.vectorStores.list());
    expect(stores.map(({ name }) => name)).toEqual([expect.stringContaining(other.accountId)]);
    expect(await readdir(path.join(config.dataDir, 'outbox'))).toEqual([`${erasure._id}.eml`]);
    expect(report).toMatchObject({
      slug: account.slug,
      requestedBy: 'usr_owner',
      finishedAt: expect.any(Date),
      counts: {
        chat: { threads: 1, messages: 2, turns: 1, handoffs: 1 },
        context: { products: 1, faqs: 1, notes: 1, contextFiles: 5, openaiFiles: 5, objects: 5 },
        assistants: { vectorStores: 1 },
        auth: { keys: 2 },
        accounts: { accounts: 1, locations: 1 },
      },
    });
    // Who is told is forgotten once they are.
    expect(report).not.toHaveProperty('notify');
  });
});

describe('while a business is erased', () => {
  test('nothing works for it from the moment that it is asked for; asked for twice, it is one', async () => {
    const { service, http } = chat.app;
    const { accountId, secretKey } = await chat.app.business();
    const account = await service.accounts.get(accountId);

    const [first, second] = [
      await service.erasures.request(account, { actorId: 'usr_a' }),
      await service.erasures.request(account, { actorId: 'usr_b' }),
    ];

    expect(second._id).toBe(first._id);
    const answer = await http.get('/v1/account').set('X-API-Key', secretKey);
    expect(answer.status).toBe(404);
    expect(await service.context.sync(accountId)).toEqual({ state: 'busy' });
    await service.erasures.run(first, { signal: never });
  });

  test('a turn that runs stores nothing any more', async () => {
    const { service } = chat.app;
    const { accountId, publishableKey } = await chat.app.business();
    const visitor = await chat.visitor(publishableKey);
    const response = chat.upstream.respond().text('I was about to say');
    const reading = await visitor.say('Hi');
    await reading.until('text-delta');

    const erasure = await service.erasures.request(await service.accounts.get(accountId), { actorId: 'cli' });
    await service.erasures.run(erasure, { signal: never });
    await response.aborted;
    expect((await reading.rest()).map(({ type }) => type)).toContain('error');
    await service.chat.sweep();

    expect(await remainsOf(service.platform.connection, accountId)).toEqual(KEPT);
  });

  test('a sync that runs is waited for', async () => {
    const { service } = chat.app;
    const { accountId } = await chat.app.business();
    const erasure = await service.erasures.request(await service.accounts.get(accountId), { actorId: 'cli' });
    const { leases } = service.platform;
    const lease = await leases.take(`sync:${accountId}`, 60_000);
    if (lease === undefined) throw new Error('the sync has not ended');

    await expect(service.erasures.run(erasure, { signal: never })).rejects.toThrow(/being synced/);
    await leases.release(lease);
    await service.erasures.run(erasure, { signal: never });

    expect(await remainsOf(service.platform.connection, accountId)).toEqual(KEPT);
  });

  test('what a request that was under way still wrote is found the second time', async () => {
    const { service } = chat.app;
    const { accountId } = await chat.app.business();
    await service.erasures.request(await service.accounts.get(accountId), { actorId: 'cli' });
    await service.erasures.runDue(never);
    await service.context.products.putMany(accountId, [late]);
    expect(await findTraces(service.platform.connection, accountId)).toMatchObject({ products: 1 });

    await (await laterProcess()).erasures.runDue(never);

    expect(await remainsOf(service.platform.connection, accountId)).toEqual(KEPT);
  });
});

const late = {
  sku: 'LATE',
  name: 'Late loaf',
  category: '',
  price: null,
  stock: 'in_stock' as const,
  quantity: null,
  tags: [],
  description: '',
  url: null,
  image: null,
};

describe('an owner who deletes the business', () => {
  test('must write its slug, then it is closed at once, and who was nowhere else is gone with it', async () => {
    const { app } = chat;
    const owner = await signUp(app, { business: { name: 'Short Lived' } });
    const member = await joinAs(app, owner.accountId, 'manager');
    const expiresAt = new Date(Date.now() + 3_600_000);
    await app.service.platform.connection
      .collection<Record<string, unknown> & { _id: string }>('invitations')
      .insertOne({
        _id: 'inv_1',
        accountId: owner.accountId,
        email: 'third@people.example',
        tokenHash: 'x',
        expiresAt,
      });

    const refused = await owner.delete('/v1/account').send({ confirm: 'short', password: PASSWORD });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([{ path: 'confirm', message: expect.stringContaining('short-lived') }]);
    const right = { confirm: 'short-lived', password: PASSWORD };
    expect((await member.delete('/v1/account').send(right)).status).toBe(403);
    expect((await owner.delete('/v1/account').send({ ...right, password: 'not my words' })).status).toBe(401);
    expect((await owner.get('/v1/account')).status).toBe(200);

    const accepted = await owner.delete('/v1/account').send(right);
    expect(accepted.status).toBe(202);
    expect((await owner.get('/v1/account')).status).toBe(404);
    const [erasure] = await listErasures(owner.accountId);
    const { counts } = await app.service.erasures.run(erasure as Erasure, { signal: never });

    expect(accepted.body).toEqual({ erasureId: erasure?._id });
    expect(counts['auth']).toMatchObject({ memberships: 2, users: 1, sessions: 1, invitations: 1 });
    expect(await remainsOf(app.service.platform.connection, owner.accountId)).toEqual(KEPT);
    expect(await findTraces(app.service.platform.connection, owner.email)).toEqual({});
    expect(
      (await openBrowser(app).post('/v1/auth/login').send({ email: owner.email, password: PASSWORD })).status,
    ).toBe(401);
    // Who is in another business too is there still.
    await logIn(app, member.email);
    // A business without an address: the report went to whoever asked.
    const outbox = path.join(app.service.platform.config.dataDir, 'outbox');
    expect(await readFile(path.join(outbox, `${erasure?._id}.eml`), 'utf8')).toContain(`To: ${owner.email}`);
  });
});

describe('a process that dies while it erases', () => {
  const places = [0, 1, 2, 4].flatMap((call) => [[call, 'before'] as const, [call, 'after'] as const]);

  test.each(places)(
    'at its OpenAI call %i, %s it is made, leaves a rest that the next one removes',
    async (call, when) => {
      await using upstream = createCountingUpstream();
      await using app = await startApp({ upstream: upstream.upstream, clock: chat.app.service.platform.clock });
      const { accountId }: TestBusiness = await app.business();
      const { erasures, accounts, platform } = app.service;
      const erasure = await erasures.request(await accounts.get(accountId), { actorId: 'cli' });

      await expect(erasures.run(erasure, { signal: upstream.endAt(call, when) })).rejects.toThrow();
      expect(await findTraces(platform.connection, accountId)).toMatchObject({ accounts: 1 });
      await erasures.run(erasure, { signal: never });

      expect(await remainsOf(platform.connection, accountId)).toEqual(KEPT);
      expect(await Array.fromAsync(platform.upstream.openai.files.list())).toEqual([]);
      expect(await Array.fromAsync(platform.upstream.openai.vectorStores.list())).toEqual([]);
      expect(await platform.objects.list('accounts/')).toEqual([]);
    },
  );
});

test('of two businesses that go at once neither leaves a person who was in both to the other', async () => {
  await using app = await startApp();
  const [kim, jo] = [await signUp(app), await signUp(app)];
  await app.service.auth.memberships.add(jo.accountId, kim.userId, 'manager');
  const erase = async (accountId: string) => {
    for (const owner of app.service.owners.list) await owner.eraseAccount(accountId, never);
  };

  await Promise.all([kim, jo].map(({ accountId }) => erase(accountId)));

  expect(await findTraces(app.service.platform.connection, kim.userId)).toEqual({});
});
