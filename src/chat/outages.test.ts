import { expect, test } from '@jest/globals';
import type { Platform } from '../platform/platform.ts';
import { createVisitor, meddleWith, startChatApp } from '../testing/chat-app.ts';

const key = { 'Idempotency-Key': 'question-1' };

test.each([
  ['isn’t made', false],
  ['is made, and its answer lost', true],
])('an answer whose last write %s is whole: it is written again', async (_name, isMade) => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  let left = 2;
  meddleWith(chat.app.service.platform, 'turns', 'updateOne', async (run, _filter, update) => {
    if (!JSON.stringify(update).includes('"state":"done"') || left-- <= 0) return run();
    if (isMade) await run();
    throw new Error('connection reset');
  });
  chat.upstream.respond().text('At 7.').complete();

  const parts = await (await visitor.say('When do you open?')).rest();

  expect(parts.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
  expect((await visitor.read()).messages.at(-1)).toMatchObject({ state: 'done', parts: [{ text: 'At 7.' }] });
});

test('a reader in another process looks again when the database is away for a moment', async () => {
  await using chat = await startChatApp();
  const other = await chat.otherProcess();
  const visitor = await chat.visitor();
  const model = chat.upstream.respond().text('We open ');
  const stream = await visitor.say('When do you open?', key);
  await stream.until('text-delta');
  const elsewhere = createVisitor(other.url, visitor.threadId, visitor.headers);
  const followed = await elsewhere.say('When do you open?', key);
  await followed.until('text-delta');
  await breakOff(other, 'turns');
  model.text('at 7.').complete();

  const parts = await followed.rest();

  expect(followed.text).toBe('We open at 7.');
  expect(parts.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
});

test('a turn that waits looks again when the database is away for a moment', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const model = chat.upstream.respond().text('At ');
  const first = await visitor.say('When do you open?');
  await first.until('text-delta');
  const second = await visitor.say('And close?');
  await breakOff(chat.app.service, 'threads');
  model.text('7.').complete();
  chat.upstream.respond().text('At 3 pm.').complete();

  await Promise.all([first.rest(), second.rest()]);

  expect(second.text).toBe('At 3 pm.');
});

/** Fails the next four reads of one document; resolves when they have failed. */
function breakOff({ platform }: { platform: Platform }, collection: string): Promise<void> {
  const failed = Promise.withResolvers<void>();
  let left = 4;
  meddleWith(platform, collection, 'findOne', (run) => {
    if (left <= 0) return run();
    left -= 1;
    if (left === 0) failed.resolve();
    return Promise.reject(new Error('connection reset'));
  });
  return failed.promise;
}
