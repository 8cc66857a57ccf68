import { describe, expect, test } from '@jest/globals';
import type { Limits } from '../accounts/account.schema.ts';
import { type ChatApp, readTexts, startChatApp } from '../testing/chat-app.ts';
import { pretendProcessDied } from '../testing/dead-process.ts';

async function limit(chat: ChatApp, limits: Partial<Limits>): Promise<void> {
  await chat.app.service.accounts.update(chat.bakery.accountId, { limits });
}

async function readUsage({ app, bakery }: ChatApp) {
  const { body } = await app.http.get('/v1/account/usage').set('X-API-Key', bakery.secretKey).expect(200);
  return body as { messages: number; tokens: number; days: { date: string; messages: number }[]; limits: object[] };
}

/** Turns that are counted and not settled. */
async function countOpen({ app, bakery }: ChatApp): Promise<number> {
  const usage = await app.service.platform.connection.collection('usage').findOne({ accountId: bakery.accountId });
  return (usage?.['open'] as unknown[] | undefined)?.length ?? 0;
}

test('of 200 turns at once, one below the limit, exactly one passes; nothing is left of the others', async () => {
  await using chat = await startChatApp();
  const visitors = await Promise.all(Array.from({ length: 200 }, () => chat.visitor()));
  await limit(chat, { messagesPerMonth: 1 });
  chat.upstream.respond().text('At 7.').complete();

  const streams = await Promise.all(visitors.map((visitor) => visitor.say('When do you open?')));
  await Promise.all(streams.map(({ response }) => response.text()));

  expect(streams.filter(({ response }) => response.status === 200)).toHaveLength(1);
  expect(streams.filter(({ response }) => response.status === 429)).toHaveLength(199);
  expect(await readUsage(chat)).toMatchObject({ messages: 1, days: [{ messages: 1 }] });
  const { connection } = chat.app.service.platform;
  expect(await connection.collection('turns').countDocuments()).toBe(1);
  expect(await connection.collection('messages').countDocuments()).toBe(2);
  expect(await connection.collection('threads').countDocuments({ 'queue.0': { $exists: true } })).toBe(0);
}, 60_000);

test('at a limit a visitor is told how else to reach the business, and when to come back', async () => {
  await using chat = await startChatApp();
  await limit(chat, { messagesPerDay: 0 });

  const { response } = await (await chat.visitor()).say('When do you open?');

  expect(response.status).toBe(429);
  expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({
    type: 'urn:chatbusiness:problem:limit-reached',
    detail:
      "The assistant of Corner Bakery can't answer any more today. You can reach Corner Bakery by phone at +1 541 555 0100, by e-mail at hello@bakery.example, or at https://bakery.example.",
  });
});

test('a chat that is refused at a limit makes no thread', async () => {
  await using chat = await startChatApp();
  await limit(chat, { messagesPerMonth: 0 });

  const { response } = await chat.chatClient('chat-1').send({ id: 'm1', text: 'Hello?' });

  expect(response.status).toBe(429);
  expect(await chat.app.service.platform.connection.collection('threads').countDocuments()).toBe(0);
});

test('a message that is sent again is answered also at the limit, and counted once', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  await limit(chat, { messagesPerMonth: 1 });
  chat.upstream.respond().text('At 7.').complete();

  const first = await visitor.say('When do you open?', { 'Idempotency-Key': 'once' });
  await first.rest();
  const again = await visitor.say('When do you open?', { 'Idempotency-Key': 'once' });
  await again.rest();

  expect(again.text).toBe('At 7.');
  expect(await readUsage(chat)).toMatchObject({ messages: 1 });
  expect(await countOpen(chat)).toBe(0);
});

test('what was used is what was stored; an answer that failed is no message', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().text('At 7.').complete();
  await (await visitor.say('When do you open?')).rest();
  chat.upstream.respond().text('We').fail('server_error');
  await (await visitor.say('And when do you close?')).rest();

  const stored = await chat.app.service.platform.connection
    .collection('messages')
    .find({ role: 'assistant' })
    .toArray();
  const usages = stored.map(({ answer }) => answer?.usage as { inputTokens: number; outputTokens: number } | undefined);
  const tokens = usages.reduce((sum, usage) => sum + (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0), 0);
  expect(tokens).toBeGreaterThan(0);
  expect(await readUsage(chat)).toMatchObject({ messages: 1, tokens });
  expect(await countOpen(chat)).toBe(0);
});

test('a visitor is held to the limit of an hour, others are not', async () => {
  await using chat = await startChatApp();
  await limit(chat, { messagesPerVisitorHour: 1 });
  const [first, second] = [await chat.visitor(), await chat.visitor()];
  chat.upstream.respond().text('At 7.').complete();
  await (await first.say('When do you open?')).rest();

  const { response } = await second.say('A new thread is no new visitor.');

  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('within an hour') });
  expect(await readUsage(chat)).toMatchObject({ messages: 1 });
});

test('of a process that died the sweep settles what it had stored, and takes back what it had only counted', async () => {
  await using chat = await startChatApp();
  const { accounts, platform } = chat.app.service;
  const standing = await accounts.getStanding(chat.bakery.accountId);
  const visitor = await chat.visitor();
  const usage = { inputTokens: 20, cachedTokens: 0, outputTokens: 3, searches: 0 };
  const answer = {
    sources: [],
    calls: [],
    usage,
    finishReason: 'stop',
    assistantVersion: 1,
    firstTextMs: 1,
    totalMs: 2,
  };
  const usageDate = accounts.usage.placeOf(standing, '').date;
  await pretendProcessDied(chat, visitor, 'At 7.', { state: 'done', answer, usageDate, model: 'm' });
  const stored = await platform.connection.collection('turns').findOne({ threadId: visitor.threadId });
  await accounts.usage.reserve(standing, accounts.usage.placeOf(standing, String(stored?._id)));
  await accounts.usage.reserve(standing, accounts.usage.placeOf(standing, 'trn_never_stored'));
  expect(await readUsage(chat)).toMatchObject({ messages: 2, tokens: 0 });

  await (await chat.otherProcess({ aheadMs: 31_000 })).chat.sweep();

  expect(await readTexts(visitor)).toContain('assistant done: At 7.');
  expect(await readUsage(chat)).toMatchObject({ messages: 1, tokens: 23 });
  expect(await countOpen(chat)).toBe(0);
});

test('a turn that runs for long stays counted', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const upstream = chat.upstream.respond().text('At ');
  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');

  // As if it had begun long ago; its lease is good.
  await chat.app.service.platform.connection
    .collection('usage')
    .updateOne({ accountId: chat.bakery.accountId }, { $set: { 'open.0.at': new Date(Date.now() - 31_000) } });
  await chat.app.service.chat.sweep();
  expect(await countOpen(chat)).toBe(1);

  upstream.text('7.').complete();
  await stream.rest();
  expect(await countOpen(chat)).toBe(0);
});

describe('an answer that its visitor breaks off is counted:', () => {
  test('by erasing the conversation while it runs', async () => {
    await using chat = await startChatApp();
    const visitor = await chat.visitor();
    chat.upstream.respond().text('At 7, every day.');
    const stream = await visitor.say('When do you open?');
    await stream.until('text-delta');

    await fetch(`${chat.url}/v1/threads/${visitor.threadId}`, { method: 'DELETE', headers: visitor.headers });
    await stream.rest();

    expect(await countOpen(chat)).toBe(0);
    await (await chat.otherProcess({ aheadMs: 31_000 })).chat.sweep();
    expect(await readUsage(chat)).toMatchObject({ messages: 1, days: [{ messages: 1 }] });
  });

  test('by stopping it before its first word, once the model was asked', async () => {
    await using chat = await startChatApp();
    const visitor = await chat.visitor();
    const model = chat.upstream.respond();
    const stream = await visitor.say('When do you open?');
    await model.asked;

    await visitor.post('stop');
    await stream.rest();

    expect(await readUsage(chat)).toMatchObject({ messages: 1 });
    expect(await countOpen(chat)).toBe(0);
  });
});
