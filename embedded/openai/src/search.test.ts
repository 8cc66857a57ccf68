import { expect, test } from '@jest/globals';
import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { openEngine } from './index.ts';
import { aStore, clientOf, found } from './testing.ts';

test('no query throws, and none is answered from another store', async () => {
  const engine = openEngine({ path: ':memory:' });
  const client = clientOf(engine);
  const mine = await aStore(client, {
    'mine.md': 'Parking AND dogs OR bread, NEAR the s1 s2 store; heading text rank.',
  });
  await aStore(client, {
    'theirs.md': 'Parking AND dogs OR bread NOT secret, NEAR the s1 s2 store; heading text rank.',
  });
  const token = constantFrom(
    '"',
    '*',
    '(',
    ')',
    ':',
    '-',
    '^',
    'AND',
    'OR',
    'NOT',
    'NEAR',
    's1',
    's2',
    'store',
    'parking',
    'dog',
    '+',
    '{',
  );
  const query = oneof(
    string({ minLength: 1, unit: 'binary' }),
    array(token, { minLength: 1 }).map((words) => words.join(' ')),
  );

  await assert(
    asyncProperty(query, async (text) => {
      const names = (await found(client, mine.id, text)).map(({ filename }) => filename);
      expect(names.filter((name) => name !== 'mine.md')).toEqual([]);
    }),
    { numRuns: 60 },
  );
  await engine.close();
});
