import { afterAll, describe, expect, test } from '@jest/globals';
import { createEmbedder } from './embedder.ts';
import { createCloud, toBytes } from './similarity.ts';

describe('the embedding model in its thread', () => {
  const embedder = createEmbedder();
  afterAll(() => embedder.close());
  const embed = async (text: string) => (await embedder.embed(text)) ?? new Float32Array(512);

  test('puts a question nearer to its answer than to another that shares its words', async () => {
    const [question, answer, other] = [
      await embed('is there anything for celiacs'),
      await embed('We bake gluten free bread on Wednesdays.'),
      await embed('There is parking for anything behind the shop.'),
    ];
    const seenFromNowhere = { beside: new Float32Array(512), besideWeight: 1e9 };
    const [near = 0, far = 0] = createCloud([answer, other].map(toBytes), seenFromNowhere).similaritiesTo(question);
    expect(near).toBeGreaterThan(far);
  });

  test('says the same of the same text, and nothing of a text without a sign', async () => {
    expect(await embed('Dogs are welcome.')).toEqual(await embed('Dogs are welcome.'));
    expect(await embedder.embed(' \n\t')).toBeUndefined();
    await expect(embedder.embed('\ud800 🥖\u0000 ☃︎')).resolves.not.toBeNull();
  });

  test('takes up what is urgent before what waited longer', async () => {
    const order: string[] = [];
    await Promise.all(
      [
        { text: 'first, at once' },
        { text: 'second, in its turn' },
        { text: 'third, but a visitor waits', isUrgent: true },
      ].map(async ({ text, ...options }) => {
        await embedder.embed(text, options);
        order.push(text.split(',')[0] ?? '');
      }),
    );
    expect(order).toEqual(['first', 'third', 'second']);
  });

  test('refuses what is too much, and forgets what nobody waits for', async () => {
    const gone = new AbortController();
    const asked = Array.from({ length: 70 }, () => embedder.embed('Too much.', { signal: gone.signal }));
    await expect(asked.at(-1)).rejects.toThrow('too many');
    gone.abort();
    const settled = await Promise.allSettled(asked);
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(embedder.embed('Fit again.')).resolves.toHaveLength(512);
  });
});

test('an embedder that was closed refuses what waited and what comes', async () => {
  const embedder = createEmbedder();
  const waiting = expect(embedder.embed('Under way.')).rejects.toThrow('closed');
  await embedder.close();
  await waiting;
  await expect(embedder.embed('Too late.')).rejects.toThrow('closed');
});
