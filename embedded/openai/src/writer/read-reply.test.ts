import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readReply } from './read-reply.ts';

const WHOLE =
  '<think>Is it [1]?</think>\n\nYes [1], 5 < 6 [2] [3]; [see menu] and a[ 12,\n3 ]. A <thin line [4]\n\nand [<think>hm</think>5]';

async function read(pieces: string[]) {
  async function* chunks() {
    for (const content of pieces) yield { choices: [{ delta: { content } }] };
    yield { choices: [{ finish_reason: 'stop' }] };
  }
  let text = '';
  const cited: string[] = [];
  for await (const part of readReply(chunks())) {
    if (part === 'working' || 'finishReason' in part) continue;
    if ('text' in part) text += part.text;
    else cited.push(`${part.passage}@${text.length}`);
  }
  return { text, cited };
}

test('thoughts and markers are taken out of a text, and each citation stands where its marker stood', async () => {
  expect(await read([WHOLE])).toEqual({
    text: 'Yes, 5 < 6; [see menu] and a. A <thin line\n\nand',
    cited: ['1@3', '2@10', '3@10', '12@28', '3@28', '4@42', '5@47'],
  });
});

test('the same comes of a text however it is cut into pieces', async () => {
  const whole = await read([WHOLE]);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: WHOLE.length - 1 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(cuts, async (at) => {
      const places = [0, ...at.toSorted((a, b) => a - b), WHOLE.length];
      expect(await read(places.slice(1).map((end, n) => WHOLE.slice(places[n], end)))).toEqual(whole);
    }),
  );
});
