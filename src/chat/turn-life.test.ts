import { expect, test } from '@jest/globals';
import { systemClock } from '../platform/clock.ts';
import { createVisitor, readStream, startChatApp, type TestVisitor } from '../testing/chat-app.ts';
import { pretendProcessDied } from '../testing/dead-process.ts';

test('a turn whose visitor has left goes on, and its answer is stored', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const model = chat.upstream.respond().text('We open ');

  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');
  await stream.leave();
  model.text('at 7.').complete();

  await untilAnswered(visitor);
  expect((await visitor.read()).messages.at(-1)).toMatchObject({
    state: 'done',
    parts: [{ type: 'text', text: 'We open at 7.' }],
  });
});

test('a reader that comes back goes on where it was, as often as it likes', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const key = { 'Idempotency-Key': 'question-1' };
  const model = chat.upstream.respond().text('We open ');
  const first = await visitor.say('When do you open?', key);
  await first.until('text-delta');
  await first.leave();

  const second = await visitor.say('When do you open?', { ...key, 'Last-Event-ID': first.lastEventId ?? '' });
  model.text('at 7.').complete();
  const parts = await second.rest();
  const third = await visitor.say('When do you open?', {
    ...key,
    'Last-Event-ID': `${first.lastEventId?.split(':')[0]}:3`,
  });
  await third.rest();

  expect(second.text).toBe('at 7.');
  expect(parts).toContainEqual({ type: 'text-start', id: 't8' });
  expect(third.text).toBe('open at 7.');
  expect((await visitor.read()).messages).toHaveLength(2);
});

test('another process follows a running turn by its record, to the end', async () => {
  await using chat = await startChatApp();
  const other = await chat.otherProcess();
  const visitor = await chat.visitor();
  const hours = await chat.liveFileId('hours.md');
  const model = chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?', { 'Idempotency-Key': 'question-1' });
  await stream.until('text-delta');

  const elsewhere = createVisitor(other.url, visitor.threadId, visitor.headers);
  const followed = await elsewhere.say('When do you open?', { 'Idempotency-Key': 'question-1' });
  const begun = await followed.until('text-delta');
  model.text('at 7.').cite(hours, 'hours.md').complete();
  const rest = await followed.rest();

  expect(begun.at(-1)).toMatchObject({ delta: 'We open ' });
  expect(followed.text).toBe('We open at 7.');
  expect(rest.map((part) => part.type)).toEqual(['text-delta', 'text-end', 'source-document', 'finish-step', 'finish']);
});

test('stop ends the answer, keeps what was said, and lets go of the model', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const model = chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');

  const stopped = await visitor.post('stop');

  expect(stopped.status).toBe(202);
  expect((await stream.rest()).map((part) => part.type)).toEqual(['text-end', 'finish-step', 'abort', 'finish']);
  await model.aborted;
  expect((await visitor.read()).messages.at(-1)).toMatchObject({
    state: 'interrupted',
    parts: [{ type: 'text', text: 'We open ' }],
  });
});

test('stop is heard by the process that runs the turn, whichever got the call', async () => {
  await using chat = await startChatApp();
  const other = await chat.otherProcess();
  const visitor = await chat.visitor();
  chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');

  await createVisitor(other.url, visitor.threadId, visitor.headers).post('stop');

  expect((await stream.rest()).at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
  expect((await visitor.read()).messages.at(-1)).toMatchObject({ state: 'interrupted' });
});

test('a turn whose process died is ended by the sweep of another, with what was flushed', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const later = await chat.otherProcess({ aheadMs: 60_000 });
  await pretendProcessDied(chat, visitor, 'We open ');

  await later.chat.sweep();
  await later.chat.sweep();

  const thread = await visitor.read();
  expect(thread.isAnswering).toBe(false);
  expect(thread.messages).toMatchObject([
    { role: 'user' },
    { role: 'assistant', state: 'interrupted', parts: [{ type: 'text', text: 'We open ' }] },
  ]);
});

test('a process that was taken for dead stores nothing when it comes back', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const later = await chat.otherProcess({ aheadMs: 60_000 });
  const model = chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');

  await later.chat.sweep();

  expect((await stream.rest()).at(-1)).toMatchObject({ type: 'error' });
  await model.aborted;
  const { messages } = await visitor.read();
  expect(messages).toHaveLength(2);
  expect(messages.at(-1)).toMatchObject({ state: 'interrupted' });
});

test('an answer that ended in a crash before its message was stored is completed by the sweep', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  await pretendProcessDied(chat, visitor, 'We open at 7.');
  const turns = chat.app.service.platform.connection.collection('turns');
  await turns.updateOne({ threadId: visitor.threadId }, { $set: { state: 'done' } });

  await chat.app.service.chat.sweep();

  expect((await visitor.read()).messages.at(-1)).toMatchObject({
    state: 'done',
    parts: [{ type: 'text', text: 'We open at 7.' }],
  });
});

test('a service that ends takes nothing new and waits for its turns', async () => {
  await using chat = await startChatApp({ clock: systemClock });
  const visitor = await chat.visitor();
  const model = chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');

  const drained = chat.app.service.chat.drain(60_000);
  const refused = await visitor.say('One more thing');
  model.text('at 7.').complete();
  await Promise.all([drained, stream.rest()]);

  expect(refused.response.status).toBe(503);
  expect((await visitor.read()).messages).toMatchObject([{ role: 'user' }, { role: 'assistant', state: 'done' }]);
});

test('a service that cannot wait any longer interrupts its turns and keeps what they said', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?');
  await stream.until('text-delta');

  await Promise.all([chat.app.service.chat.drain(0), stream.rest()]);

  expect((await visitor.read()).messages.at(-1)).toMatchObject({
    state: 'interrupted',
    parts: [{ type: 'text', text: 'We open ' }],
  });
});

test('GET /v1/chat/:id/stream goes on with the answer that runs, also from the record; 204 when nothing runs', async () => {
  await using chat = await startChatApp();
  const other = await chat.otherProcess();
  const headers = { ...(await chat.visitor()).headers, 'Content-Type': 'application/json' };
  const model = chat.upstream.respond().text('We open ');
  const body = JSON.stringify({
    id: 'chat-1',
    trigger: 'submit-message',
    messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'When do you open?' }] }],
  });
  const stream = readStream(await fetch(`${chat.url}/v1/chat`, { method: 'POST', headers, body }));
  const [start] = await stream.until('text-delta');
  const { threadToken = '' } = (start?.['messageMetadata'] ?? {}) as { threadToken?: string };
  const resume = async (url: string, more = {}) =>
    readStream(
      await fetch(`${url}/v1/chat/chat-1/stream`, { headers: { ...headers, 'X-Thread-Token': threadToken, ...more } }),
    );

  const whole = await resume(chat.url);
  const elsewhere = await resume(other.url);
  const ahead = await resume(other.url, { 'Last-Event-ID': stream.lastEventId });
  const stranger = await resume(chat.url, { 'X-Thread-Token': 'not-the-token' });
  model.text('at 7.').complete();
  await Promise.all([stream, whole, elsewhere, ahead].map((reading) => reading.rest()));

  expect([stream, whole, elsewhere, ahead].map(({ text }) => text)).toEqual([
    'We open at 7.',
    'We open at 7.',
    'We open at 7.',
    'at 7.',
  ]);
  expect(stranger.response.status).toBe(401);
  expect((await resume(chat.url)).response.status).toBe(204);
  expect((await fetch(`${chat.url}/v1/chat/unknown/stream`, { headers })).status).toBe(204);
});

/** Resolves when nothing of the thread runs any more. */
async function untilAnswered(visitor: TestVisitor): Promise<void> {
  while ((await visitor.read()).isAnswering);
}
