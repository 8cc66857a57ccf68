import { expect, test } from '@jest/globals';
import { type ChatApp, meddleWith, startChatApp } from '../testing/chat-app.ts';

const wish = { email: 'visitor@mail.example' };

test('a thread asks for a person five times an hour, however fast, and is told when it may again', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const later = await chat.otherProcess({ aheadMs: 60 * 60 * 1000 });

  const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.post('handoff', wish)));
  const refused = answers.filter((answer) => answer.status === 429);
  const another = await (await chat.visitor()).post('handoff', wish);
  const anHourLater = await fetch(`${later.url}/v1/threads/${visitor.threadId}/handoff`, {
    method: 'POST',
    headers: { ...visitor.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(wish),
  });

  expect(refused).toHaveLength(15);
  expect(await refused[0]?.json()).toMatchObject({ type: 'urn:chatbusiness:problem:too-many-handoffs' });
  expect(refused[0]?.headers.get('Retry-After')).toBe('3600');
  expect(another.status).toBe(201);
  expect(anHourLater.status).toBe(201);
  expect(await listHandoffs(chat)).toHaveLength(7);
});

test('a wish that broke off halfway is one handoff when it is sent again under its key', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  let isBroken = true;
  meddleWith(chat.app.service.platform, 'threads', 'updateOne', (run, _filter, update) => {
    const breaks = isBroken && JSON.stringify(update).includes('waiting_for_person');
    return breaks ? Promise.reject(new Error('connection reset')) : run();
  });

  const broken = await visitor.post('handoff', wish, { 'Idempotency-Key': 'wish-1' });
  isBroken = false;
  const again = await visitor.post('handoff', wish, { 'Idempotency-Key': 'wish-1' });

  expect([broken.status, again.status]).toEqual([500, 201]);
  expect(await listHandoffs(chat)).toHaveLength(1);
});

test('a model that fills in a contact that is none is told to ask for one, and nobody else is told', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const call = { name: null, email: 'n/a', phone: 'unknown', reason: 'A cake for 40' };
  chat.upstream.respond().call('call_1', 'request_human', call).complete();
  const second = chat.upstream.respond().call('call_2', 'request_human', { ...call, phone: ' +1 541 555 0199 ' });
  second.complete();
  chat.upstream.respond().text('They will call you.').complete();

  await (await visitor.say('I want a cake')).rest();

  expect((await second.asked).input?.at(-1)).toMatchObject({ output: expect.stringMatching(/^\{"error":/) });
  expect(await listHandoffs(chat)).toMatchObject([{ email: null, phone: '+1 541 555 0199' }]);
});

async function listHandoffs({ app }: ChatApp): Promise<object[]> {
  return app.service.platform.connection.collection('handoffs').find().toArray();
}
