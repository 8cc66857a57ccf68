import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChatApp, startChatApp, type TestVisitor } from '../testing/chat-app.ts';
import { findTraces } from '../testing/data-traces.ts';
import { pretendProcessDied } from '../testing/dead-process.ts';
import { createMailbox, signUp } from '../testing/people.ts';
import { ORIGIN, startApp } from '../testing/start-app.ts';

const never = new AbortController().signal;

let chat: ChatApp;

beforeAll(async () => {
  chat = await startChatApp();
});

afterAll(async () => {
  await chat[Symbol.asyncDispose]();
});

const tracesOf = async ({ threadId }: TestVisitor) => findTraces(chat.app.service.platform.connection, threadId);

async function talkWith(visitor: TestVisitor, said = 'Hi'): Promise<void> {
  chat.upstream.respond().text('Hello').complete();
  await (await visitor.say(said)).rest();
}

const forget = (visitor: TestVisitor, headers: Record<string, string> = {}) =>
  fetch(`${chat.url}/v1/threads/${visitor.threadId}`, {
    method: 'DELETE',
    headers: { ...visitor.headers, ...headers },
  });

describe('a visitor who wants to be forgotten', () => {
  test('is: the conversation, its turns, wishes for a person and the mail about them are gone, and only these', async () => {
    const { service } = chat.app;
    const [visitor, other] = [await chat.visitor(), await chat.visitor()];
    await talkWith(visitor);
    await talkWith(other);
    await visitor.post('handoff', { email: 'visitor@example.com' });
    await service.communication.deliverHandoffs();
    const otherBefore = await tracesOf(other);

    const answer = await forget(visitor);

    expect(answer.status).toBe(204);
    expect(await tracesOf(visitor)).toEqual({});
    expect(await tracesOf(other)).toEqual(otherBefore);
    expect((await fetch(`${chat.url}/v1/threads/${visitor.threadId}`, visitor)).status).toBe(404);
    expect((await forget(visitor)).status).toBe(404);
  });

  test('must show the token of the thread', async () => {
    const [visitor, other] = [await chat.visitor(), await chat.visitor()];

    const answer = await forget(visitor, { 'X-Thread-Token': other.headers['X-Thread-Token'] ?? '' });

    expect(answer.status).toBe(401);
    expect(await tracesOf(visitor)).toEqual({ threads: 1 });
  });

  test('is forgotten also by the turn that runs meanwhile', async () => {
    const visitor = await chat.visitor();
    const response = chat.upstream.respond().text('I was about to say');
    const reading = await visitor.say('Hi');
    await reading.until('text-delta');

    expect((await forget(visitor)).status).toBe(204);

    await response.aborted;
    expect((await reading.rest()).at(-1)).toMatchObject({ type: 'error' });
    await chat.app.service.chat.sweep();
    expect(await tracesOf(visitor)).toEqual({});
  });

  test('is forgotten also by a turn in another process, that had just ended and stores its answer after all', async () => {
    const { connection } = chat.app.service.platform;
    const visitor = await chat.visitor();
    await pretendProcessDied(chat, visitor, 'We open at 7.', { state: 'done' });
    const [turns, messages] = [connection.collection('turns'), connection.collection('messages')];
    const late = {
      turn: await turns.findOne({ threadId: visitor.threadId }),
      said: await messages.findOne({ threadId: visitor.threadId }),
    };
    if (late.turn === null || late.said === null) throw new Error('nothing was stored');
    await forget(visitor);
    await turns.insertOne(late.turn);
    await messages.insertOne(late.said);

    await chat.app.service.chat.sweep();

    expect(await tracesOf(visitor)).toEqual({});
  });

  test('is forgotten in the end where the process died in the middle of it, and seen by nobody until then', async () => {
    const { service } = chat.app;
    const { connection } = service.platform;
    const visitor = await chat.visitor();
    await talkWith(visitor);
    await connection
      .collection<{ _id: string }>('threads')
      .updateOne({ _id: visitor.threadId }, { $set: { erasingAt: new Date(0), keyId: '', tokenHash: '' } });
    expect((await fetch(`${chat.url}/v1/threads/${visitor.threadId}`, visitor)).status).toBe(404);
    const listed = await owner('GET', '/v1/conversations?limit=100');
    expect(JSON.stringify(await listed.json())).not.toContain(visitor.threadId);

    await service.chat.conversations.applyRetention(never);

    expect(await tracesOf(visitor)).toEqual({});
  });
});

test('a visitor takes the whole conversation along', async () => {
  const visitor = await chat.visitor();
  await talkWith(visitor, 'Do you have rye?');
  await visitor.post('handoff', { email: 'visitor@example.com', note: 'Call me' });

  const answer = await fetch(`${chat.url}/v1/threads/${visitor.threadId}/export`, visitor);

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    id: visitor.threadId,
    messages: [
      { role: 'user', parts: [{ text: 'Do you have rye?' }] },
      { role: 'assistant', parts: [{ text: 'Hello' }] },
    ],
    handoffs: [{ by: 'visitor', email: 'visitor@example.com', reason: 'Call me' }],
  });
});

const owner = (method: string, path: string, key = chat.bakery.secretKey) =>
  fetch(`${chat.url}${path}`, { method, headers: { 'X-API-Key': key } });

const asServer = async (accountId: string) => {
  const key = { kind: 'secret' as const, name: 'server', hosts: [], scopes: ['chat'] };
  return (await chat.app.service.auth.keys.create(accountId, key)).key;
};
const begin = (key: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${chat.url}/v1/threads`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('a business', () => {
  test('pages through its conversations, the last that spoke first, and through no other’s', async () => {
    const mill = await chat.app.business();
    const visitors = [];
    for (let place = 0; place < 3; place += 1) visitors.push(await chat.visitor(mill.publishableKey));
    const [first, second, third] = visitors as [TestVisitor, TestVisitor, TestVisitor];
    await talkWith(first);

    const page = await owner('GET', '/v1/conversations?limit=2', mill.secretKey);
    const { data, nextCursor } = (await page.json()) as { data: { id: string }[]; nextCursor: string };
    const rest = await owner('GET', `/v1/conversations?limit=2&cursor=${nextCursor}`, mill.secretKey);

    expect(data.map(({ id }) => id)).toEqual([first.threadId, third.threadId]);
    expect(await rest.json()).toMatchObject({ data: [{ id: second.threadId, isAnswering: false }], nextCursor: null });
  });

  test('deletes a conversation; another’s answers 404', async () => {
    const visitor = await chat.visitor();
    const mill = await chat.app.business();
    await talkWith(visitor);

    const foreign = await owner('DELETE', `/v1/conversations/${visitor.threadId}`, mill.secretKey);
    expect(foreign.status).toBe(404);
    expect(await tracesOf(visitor)).not.toEqual({});
    const own = await owner('DELETE', `/v1/conversations/${visitor.threadId}`);
    expect(own.status).toBe(204);
    // That a key of the business has deleted it.
    expect(await tracesOf(visitor)).toEqual({ auditLog: 1 });
  });

  describe('that chats for its visitors', () => {
    test('has all conversations of one of them deleted, and keeps no name of theirs', async () => {
      const { connection } = chat.app.service.platform;
      const mill = await chat.app.business();
      const [key, millKey] = [await asServer(chat.bakery.accountId), await asServer(mill.accountId)];
      for (let place = 0; place < 3; place += 1)
        expect((await begin(key, { visitor: 'customer 4711' })).status).toBe(201);
      const others = [
        await begin(key, { visitor: 'customer 4712' }),
        await begin(millKey, { visitor: 'customer 4711' }),
      ];
      const { id } = (await (others[1] as Response).json()) as { id: string };
      expect(await findTraces(connection, 'customer 471')).toEqual({});

      const erased = await owner('DELETE', '/v1/visitors/customer%204711');
      const again = await owner('DELETE', '/v1/visitors/customer%204711');

      expect(await erased.json()).toEqual({ threads: 3, messages: 0, turns: 0, handoffs: 0 });
      expect(await again.json()).toEqual({ threads: 0, messages: 0, turns: 0, handoffs: 0 });
      expect(await findTraces(connection, id)).toEqual({ threads: 1 });
      const last = await owner('DELETE', '/v1/visitors/customer%204712');
      expect(await last.json()).toMatchObject({ threads: 1 });
    });

    test('names them by a secret key only', async () => {
      const { publishableKey } = chat.bakery;
      const answer = await begin(publishableKey, { visitor: 'customer 4711' }, { Origin: 'https://bakery.example' });

      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ path: 'visitor' }] });
    });

    test('names them also where the AI SDK speaks', async () => {
      const key = await asServer(chat.bakery.accountId);
      chat.upstream.respond().text('Hello').complete();
      const message = { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
      const body = { id: 'server-chat', messages: [message], trigger: 'submit-message', visitor: 'customer 9' };
      const answer = await fetch(`${chat.url}/v1/chat`, {
        method: 'POST',
        headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      await answer.text();

      const erased = await owner('DELETE', '/v1/visitors/customer%209');

      expect(await erased.json()).toEqual({ threads: 1, messages: 2, turns: 1, handoffs: 0 });
    });
  });
});

describe('what is older than a business wants it kept', () => {
  test('goes also where a conversation can not be erased, of which the mail about its handoff does not go', async () => {
    const mailbox = createMailbox();
    await using app = await startApp({
      outbox: {
        ...mailbox,
        withdraw: async () => {
          throw new Error('the disk is full');
        },
      },
    });
    const { service } = app;
    const { connection } = service.platform;
    const { accountId, publishableKey } = await app.business();
    const begin = async () => {
      const made = await app.http.post('/v1/threads').set({ 'X-API-Key': publishableKey, Origin: ORIGIN }).expect(201);
      return String(made.body.id);
    };
    const [stuck, old] = [await begin(), await begin()];
    const threads = connection.collection<{ _id: string }>('threads');
    await threads.updateOne({ _id: stuck }, { $set: { erasingAt: new Date(0) } });
    await threads.updateOne({ _id: old }, { $set: { lastMessageAt: new Date(0) } });
    const wish = { threadId: stuck, by: 'visitor', name: null, email: null, phone: null, reason: '' } as const;
    await service.communication.createHandoff(accountId, wish);
    await service.communication.deliverHandoffs();

    await service.chat.conversations.applyRetention(never);

    expect(await threads.find().toArray()).toMatchObject([{ _id: stuck }]);
  });

  test('is hidden from the moment that the setting is changed, and erased by the next look', async () => {
    const { service, http } = chat.app;
    const { connection } = service.platform;
    const mill = await chat.app.business();
    const [old, young] = [await chat.visitor(mill.publishableKey), await chat.visitor(mill.publishableKey)];
    await talkWith(old);
    await talkWith(young);
    const tenDaysAgo = new Date(Date.now() - 10 * 24 * 3_600_000);
    await connection
      .collection<{ _id: string }>('threads')
      .updateOne({ _id: old.threadId }, { $set: { lastMessageAt: tenDaysAgo } });
    expect((await old.read()).messages).toHaveLength(2);

    const byProgram = await http.patch('/v1/account').set('X-API-Key', mill.secretKey).send({ retentionDays: 9 });
    expect(byProgram.status).toBe(403);
    expect((await old.read()).messages).toHaveLength(2);
    const byOwner = await signUp(chat.app);
    await service.auth.memberships.add(mill.accountId, byOwner.userId, 'owner');
    byOwner.account = mill.accountId;
    expect((await byOwner.patch('/v1/account').send({ retentionDays: 9 })).status).toBe(200);

    expect((await fetch(`${chat.url}/v1/threads/${old.threadId}`, old)).status).toBe(404);
    expect((await old.say('Still there?')).response.status).toBe(404);
    expect((await owner('GET', `/v1/conversations/${old.threadId}`, mill.secretKey)).status).toBe(404);
    const listed = (await (await owner('GET', '/v1/conversations', mill.secretKey)).json()) as { data: object[] };
    expect(listed.data).toHaveLength(1);
    expect((await young.read()).messages).toHaveLength(2);

    await service.chat.conversations.applyRetention(never);
    await service.chat.conversations.applyRetention(never);

    expect(await tracesOf(old)).toEqual({});
    expect((await young.read()).messages).toHaveLength(2);
  });
});
