import { expect, test } from '@jest/globals';
import { meddleWith, readTexts, startChatApp } from '../testing/chat-app.ts';

const key = { 'Idempotency-Key': 'question-1' };
const asJson = { ...key, Accept: 'application/json' };

test.each(['before', 'after'] as const)(
  'a message sent twice at once is kept, also if the request that loses the turn stores it first and deletes it %s it is taken over',
  async (order) => {
    await using chat = await startChatApp();
    const visitor = await chat.visitor();
    chat.upstream.respond().text('At 7.').complete();
    const [winner, turnStored, messageStored, firstDone] = [
      Promise.withResolvers<unknown>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    const { platform } = chat.app.service;
    meddleWith(platform, 'turns', 'insertOne', async (run, turn) => {
      winner.resolve(turn['_id']);
      if (turn['_id'] !== (await winner.promise)) {
        await turnStored.promise;
        await messageStored.promise;
      }
      return run().finally(turnStored.resolve);
    });
    meddleWith(platform, 'messages', 'insertOne', async (run, message) => {
      if (message['role'] !== 'visitor') return run();
      if (message['turnId'] === (await winner.promise)) await messageStored.promise;
      return run().finally(messageStored.resolve);
    });
    const [first, second] =
      order === 'before' ? (['deleteOne', 'updateOne'] as const) : (['updateOne', 'deleteOne'] as const);
    meddleWith(platform, 'messages', first, (run) => run().finally(firstDone.resolve));
    meddleWith(platform, 'messages', second, async (run) => {
      await firstDone.promise;
      return run();
    });

    const sent = await Promise.all([visitor.say('When do you open?', key), visitor.say('When do you open?', key)]);
    await Promise.all(sent.map((stream) => stream.rest()));

    expect(sent.map((stream) => stream.text)).toEqual(['At 7.', 'At 7.']);
    expect(await readTexts(visitor)).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
  },
);

test('a message that a crash left without a turn is taken by its repetition, and told to the model once', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const { platform } = chat.app.service;
  let isDead = true;
  meddleWith(platform, 'turns', 'insertOne', (run) => (isDead ? Promise.reject(new Error('connection reset')) : run()));
  meddleWith(platform, 'messages', 'deleteOne', (run) =>
    isDead ? Promise.reject(new Error('connection reset')) : run(),
  );
  const lost = await visitor.say('When do you open?', key);
  isDead = false;
  const model = chat.upstream.respond().text('At 7.');
  model.complete();

  await (await visitor.say('When do you open?', key)).rest();

  expect(lost.response.status).toBe(500);
  expect((await model.asked).input).toMatchObject([{ role: 'developer' }, { content: 'When do you open?' }]);
  expect(await readTexts(visitor)).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
});

test('a message whose turn failed is answered when it is sent again under its key, and only once', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.refuse(400);
  const failed = await visitor.post('messages', { text: 'When do you open?' }, asJson);
  chat.upstream.respond().text('At 7.').complete();

  const again = await Promise.all([1, 2].map(() => visitor.post('messages', { text: 'When do you open?' }, asJson)));
  const other = await visitor.post('messages', { text: 'When do you close?' }, asJson);

  expect(failed.status).toBe(503);
  expect(again.map((answer) => answer.status)).toEqual([200, 200]);
  expect(other.status).toBe(409);
  expect(await readTexts(visitor)).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
});

test('a message whose process died before the first word is answered when it is sent again under its key', async () => {
  await using chat = await startChatApp();
  const later = await chat.otherProcess({ aheadMs: 20_000 });
  const visitor = await chat.visitor();
  const lost = await visitor.say('When do you open?', key);
  await chat.upstream.respond().asked;
  await later.chat.sweep();
  await lost.rest();
  chat.upstream.respond().text('At 7.').complete();

  const again = await visitor.say('When do you open?', key);
  await again.rest();

  expect(again.text).toBe('At 7.');
  expect(await readTexts(visitor)).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
});

test('an answer that its visitor stopped stays stopped when the message is sent again under its key', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const model = chat.upstream.respond();
  const stream = await visitor.say('When do you open?', key);
  await model.asked;
  await visitor.post('stop');
  await stream.rest();

  const again = await (await visitor.say('When do you open?', key)).rest();

  expect(again.map((part) => part.type)).toEqual(['start', 'start-step', 'finish-step', 'abort', 'finish']);
});
