import { expect, test } from '@jest/globals';
import { type ChatApp, type ChatWords, readTexts, startChatApp, type TestChatClient } from '../testing/chat-app.ts';

async function answered(chat: ChatApp, client: TestChatClient, words: ChatWords, answer: string): Promise<string> {
  chat.upstream.respond().text(answer).complete();
  const stream = await client.send(words);
  await stream.rest();
  return stream.text;
}

test('after an edit that failed, another answer is to the new words, in place of the old ones', async () => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1');
  await answered(chat, client, { id: 'm1', text: 'When do you open?' }, 'At 7.');
  chat.upstream.refuse(400);
  await (await client.send({ id: 'm1', text: 'When do you close?', intent: 'edit' })).rest();
  const model = chat.upstream.respond().text('At 3 pm.');
  model.complete();

  await (await client.send({ id: 'm1', text: 'When do you close?', intent: 'again' })).rest();

  expect((await model.asked).input).toMatchObject([{ role: 'developer' }, { content: 'When do you close?' }]);
  expect(await readTexts(client.visitor())).toEqual(['user done: When do you close?', 'assistant done: At 3 pm.']);
});

test('after an edit that failed, the next one takes the place of all that was said before', async () => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1');
  await answered(chat, client, { id: 'm1', text: 'When do you open?' }, 'At 7.');
  chat.upstream.refuse(400);
  await (await client.send({ id: 'm1', text: 'When do you close?', intent: 'edit' })).rest();

  await answered(chat, client, { id: 'm1', text: 'Where are you?', intent: 'edit' }, 'In Bend.');

  expect(await readTexts(client.visitor())).toEqual(['user done: Where are you?', 'assistant done: In Bend.']);
});

test.each(['stop', 'failure'])('another answer that ends by %s before its first word replaces nothing', async (end) => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1');
  await answered(chat, client, { id: 'm1', text: 'When do you open?' }, 'At 7.');
  const model = chat.upstream.respond();
  const stream = await client.send({ id: 'm1', text: 'When do you open?', intent: 'again' });
  await model.asked;

  await (end === 'stop' ? client.visitor().post('stop') : Promise.resolve(model.fail('invalid_prompt')));
  await stream.rest();

  expect((await readTexts(client.visitor())).slice(0, 2)).toEqual([
    'user done: When do you open?',
    'assistant done: At 7.',
  ]);
});

test('words that are changed to and fro are answered each time', async () => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1');
  const said = [await answered(chat, client, { id: 'm1', text: 'Open?' }, 'One')];
  for (const [text, answer] of [
    ['Close?', 'Two'],
    ['Open?', 'Three'],
    ['Close?', 'Four'],
  ] as const) {
    said.push(await answered(chat, client, { id: 'm1', text, intent: 'edit' }, answer));
  }

  expect(said).toEqual(['One', 'Two', 'Three', 'Four']);
  expect(await readTexts(client.visitor())).toEqual(['user done: Close?', 'assistant done: Four']);
});

test('another answer that is asked for twice under one key is one answer', async () => {
  await using chat = await startChatApp();
  const client = chat.chatClient('chat-1');
  await answered(chat, client, { id: 'm1', text: 'When do you open?' }, 'At 8.');
  chat.upstream.respond().text('At 7.').complete();
  const again = () =>
    client.send({ id: 'm1', text: 'When do you open?', intent: 'again' }, { 'Idempotency-Key': 'again-1' });

  const streams = [await again(), await again()];
  for (const stream of streams) await stream.rest();

  expect(streams.map((stream) => stream.text)).toEqual(['At 7.', 'At 7.']);
  expect(await readTexts(client.visitor())).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
});
