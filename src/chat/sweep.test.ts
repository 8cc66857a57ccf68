import { expect, test } from '@jest/globals';
import { type ChatApp, readTexts, startChatApp, type TestVisitor } from '../testing/chat-app.ts';
import { pretendProcessDied } from '../testing/dead-process.ts';

const anAnswer = {
  sources: [],
  calls: [],
  usage: { inputTokens: 1, cachedTokens: 0, outputTokens: 1, searches: 0 },
  finishReason: 'stop',
  assistantVersion: 1,
  firstTextMs: 1,
  totalMs: 2,
};

test('a call without a name is refused as it is read: the model is asked again', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().call('call_1', '', {}).complete();
  chat.upstream.respond().call('', 'opening_hours', {}).complete();
  chat.upstream.respond().text('At 7.').complete();

  await (await visitor.say('When do you open?')).rest();

  expect(await readTexts(visitor)).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
});

test.each([
  ['a nameless call', { ...anAnswer, calls: [{ callId: 'call_1', name: '', arguments: '{}', output: '{}' }] }],
  ['a field of a newer version', { ...anAnswer, mood: 'cheerful' }],
])('an answer whose record has %s is stored without it, and its thread goes on', async (_name, answer) => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  await pretendProcessDied(chat, visitor, 'At 7.', { state: 'done', answer });

  await chat.app.service.chat.sweep();

  expect(await visitor.read()).toMatchObject({ isAnswering: false });
  expect(await readTexts(visitor)).toEqual(['user done: When do you open?', 'assistant done: At 7.']);
});

test('a turn that cannot be swept at all holds up no other', async () => {
  await using chat = await startChatApp();
  const [bad, good] = [await chat.visitor(), await chat.visitor()];
  await pretendProcessDied(chat, bad, 'At 7.', { state: 'done', seq: 'second', createdAt: new Date(0) });
  await pretendProcessDied(chat, good, 'At 7.', { state: 'done' });

  await chat.app.service.chat.sweep();

  expect((await good.read()).isAnswering).toBe(false);
  expect((await bad.read()).isAnswering).toBe(true);
});

test('places whose turns were never stored are freed by the sweep', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  await fillWithDeadPlaces(chat, visitor);

  await chat.app.service.chat.sweep();

  expect((await visitor.read()).isAnswering).toBe(false);
});

test('a queue that is full of places whose turns were never stored lets the next message in', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  await fillWithDeadPlaces(chat, visitor);
  chat.upstream.respond().text('At 7.').complete();

  const stream = await visitor.say('When do you open?');
  await stream.rest();

  expect(stream.text).toBe('At 7.');
});

async function fillWithDeadPlaces(chat: ChatApp, { threadId }: TestVisitor): Promise<void> {
  const { connection, clock } = chat.app.service.platform;
  const at = new Date(clock.now().getTime() - 31_000);
  const queue = [1, 2, 3, 4, 5].map((place) => ({ turn: `trn_never_stored_${place}`, at }));
  await connection.collection<{ _id: string }>('threads').updateOne({ _id: threadId }, { $set: { seq: 10, queue } });
}
