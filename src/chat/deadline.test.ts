import { expect, test } from '@jest/globals';
import { type Clock, shiftDate, systemClock } from '../platform/clock.ts';
import { readTexts, startChatApp } from '../testing/chat-app.ts';

test('an answer that never ends is interrupted after three minutes, and the next message gets its turn', async () => {
  const clock = createJumpingClock();
  await using chat = await startChatApp({ clock });
  const visitor = await chat.visitor();
  const model = chat.upstream.respond();
  chat.upstream.respond().text('At 3 pm.').complete();
  const endless = await visitor.say('When do you open?');
  for (let passedS = 0; passedS < 180; passedS += 20) {
    model.text('Well, ');
    await endless.until('text-delta');
    clock.jump(20_000);
  }

  const parts = await endless.rest();
  const next = await visitor.say('And close?');
  await next.rest();

  await model.aborted;
  expect(parts.map((part) => part.type)).toEqual(['text-end', 'finish-step', 'abort', 'finish']);
  expect(next.text).toBe('At 3 pm.');
  expect((await readTexts(visitor))[1]).toBe(`assistant interrupted: ${'Well, '.repeat(9)}`);
});

function createJumpingClock(): Clock & { jump(ms: number): void } {
  let aheadMs = 0;
  return {
    now: () => shiftDate(systemClock.now(), aheadMs),
    wait: (ms, signal) => systemClock.wait(Math.min(ms, 20), signal),
    jump(ms) {
      aheadMs += ms;
    },
  };
}
