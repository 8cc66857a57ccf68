import { expect, test } from '@jest/globals';
import { startChatApp } from '../testing/chat-app.ts';

const words = { id: 'm1', text: 'When do you open?' };

test('a client that takes only JSON is told the thread and its token in headers, once, and goes on with them', async () => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1');
  for (const answer of ['At 7.', 'At 3 pm.']) chat.upstream.respond().text(answer).complete();

  const first = await client.send(words, { Accept: 'application/json' });
  const second = await client.send({ id: 'm2', text: 'And close?' }, { Accept: 'application/json' });

  expect(first.response.headers.get('X-Thread-Token')).toMatch(/^[\w-]{43}$/);
  expect(first.response.headers.get('Access-Control-Expose-Headers')).toMatch(/X-Thread-Id, X-Thread-Token/);
  expect(second.response.status).toBe(200);
  expect(second.response.headers.has('X-Thread-Token')).toBe(false);
  expect((await client.visitor().read()).messages).toHaveLength(4);
});

test('a client that brings a token of its own goes on with it although it never saw an answer', async () => {
  await using chat = await startChatApp();
  const token = 'a-token_of_the_client_with_40_characters';
  chat.upstream.respond().text('At 7.').complete();

  const lost = await chat.chatClient('chat-1', token).send(words);
  await lost.leave();
  const again = await chat.chatClient('chat-1', token).send(words);
  await again.rest();
  const stranger = await chat.chatClient('chat-1', `${token}-of-another`).send(words);

  expect(again.text).toBe('At 7.');
  expect(stranger.response.status).toBe(401);
});

test('a new chat whose first message is sent twice at once, with a token of the client, is one thread with one turn', async () => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1', 'a-token_of_the_client_with_40_characters');
  chat.upstream.respond().text('At 7.').complete();

  const sent = await Promise.all([client.send(words), client.send(words), client.send(words)]);
  for (const stream of sent) await stream.rest();

  expect(sent.map((stream) => stream.text)).toEqual(['At 7.', 'At 7.', 'At 7.']);
  expect((await client.visitor().read()).messages).toHaveLength(2);
});

test('a token that is too short to be a secret is not taken for a new chat', async () => {
  await using chat = await startChatApp();
  chat.upstream.respond().text('At 7.').complete();

  const stream = await chat.chatClient('chat-1', 'hunter2').send(words);
  await stream.rest();

  expect(stream.response.headers.get('X-Thread-Token')).toMatch(/^[\w-]{43}$/);
});
