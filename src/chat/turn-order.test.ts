import { expect, test } from '@jest/globals';
import { createVisitor, startChatApp } from '../testing/chat-app.ts';

test('two messages sent at once are answered one after the other, the second knowing the first', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const [first, second] = [chat.upstream.respond(), chat.upstream.respond()];

  const one = await visitor.say('When do you open?');
  const two = await visitor.say('And close?');
  const asked = await first.asked;
  first.text('At 7.').complete();
  second.text('At 3 pm.').complete();
  await Promise.all([one.rest(), two.rest()]);

  expect(asked.input?.at(-1)).toMatchObject({ content: 'When do you open?' });
  expect(one.text).toBe('At 7.');
  expect(two.text).toBe('At 3 pm.');
  expect((await second.asked).input).toMatchObject([
    { role: 'user', content: 'When do you open?' },
    { role: 'assistant', content: 'At 7.' },
    { role: 'developer' },
    { role: 'user', content: 'And close?' },
  ]);
  expect((await visitor.read()).messages.map(({ role, parts }) => [role, parts[0]?.text])).toEqual([
    ['user', 'When do you open?'],
    ['assistant', 'At 7.'],
    ['user', 'And close?'],
    ['assistant', 'At 3 pm.'],
  ]);
});

test('order holds across processes', async () => {
  await using chat = await startChatApp();
  const other = await chat.otherProcess();
  const visitor = await chat.visitor();
  const [first, second] = [chat.upstream.respond(), chat.upstream.respond()];

  const one = await visitor.say('When do you open?');
  const two = await createVisitor(other.url, visitor.threadId, visitor.headers).say('And close?');
  await first.asked;
  first.text('At 7.').complete();
  second.text('At 3 pm.').complete();
  await Promise.all([one.rest(), two.rest()]);

  expect([one.text, two.text]).toEqual(['At 7.', 'At 3 pm.']);
});

test('the same message sent twice under one key is one turn, also when both arrive at once', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const key = { 'Idempotency-Key': 'question-1' };
  const model = chat.upstream.respond().text('We open ');

  const sent = await Promise.all([visitor.say('When do you open?', key), visitor.say('When do you open?', key)]);
  model.text('at 7.').complete();
  const parts = await Promise.all(sent.map((stream) => stream.rest()));
  const later = await visitor.say('When do you open?', key);
  await later.rest();
  const other = await visitor.say('When do you close?', key);

  expect([...sent, later].map((stream) => stream.text)).toEqual(Array(3).fill('We open at 7.'));
  expect(parts[0]?.[0]).toEqual(parts[1]?.[0]);
  expect((await visitor.read()).messages).toHaveLength(2);
  expect(other.response.status).toBe(409);
  expect(await other.response.json()).toMatchObject({ type: 'urn:chatbusiness:problem:idempotency-conflict' });
});

test('a sixth message in a row is refused, the same message again is not', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const models = [1, 2, 3, 4, 5].map(() => chat.upstream.respond());
  const streams = [];
  for (const place of [1, 2, 3, 4, 5]) {
    streams.push(await visitor.say(`Question ${place}`, { 'Idempotency-Key': `question-${place}` }));
  }

  const sixth = await visitor.say('Question 6');
  const again = await visitor.say('Question 5', { 'Idempotency-Key': 'question-5' });
  for (const model of models) model.text('Yes.').complete();
  await Promise.all([...streams, again].map((stream) => stream.rest()));

  expect(sixth.response.status).toBe(429);
  expect(sixth.response.headers.get('retry-after')).toBe('2');
  expect([...streams, again].map((stream) => stream.text)).toEqual(Array(6).fill('Yes.'));
  expect((await visitor.read()).messages).toHaveLength(10);
});

test('stop ends those that wait as well, without asking the model', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().text('We open ');
  const one = await visitor.say('When do you open?');
  await one.until('text-delta');
  const two = await visitor.say('And close?');

  await visitor.post('stop');
  await Promise.all([one.rest(), two.rest()]);

  expect((await visitor.read()).messages.map((message) => message.state)).toEqual([
    'done',
    'interrupted',
    'done',
    'interrupted',
  ]);
});

test('a turn whose process died holds nobody up: whoever is behind ends it', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const { connection, clock } = chat.app.service.platform;
  const threads = connection.collection<{ _id: string }>('threads');
  await threads.updateOne(
    { _id: visitor.threadId },
    { $set: { seq: 2, queue: [{ turn: 'trn_never_stored', at: new Date(clock.now().getTime() - 31_000) }] } },
  );
  chat.upstream.respond().text('At 7.').complete();

  const stream = await visitor.say('When do you open?');
  await stream.rest();

  expect(stream.text).toBe('At 7.');
});
