import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countEdits, isSwapped } from './edit-distance.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

test.each([
  ['baguete', 'baguette', 1],
  ['opne', 'open', 1],
  ['cinammon', 'cinnamon', 2],
  ['same', 'same', 0],
  ['', 'abc', 3],
])('%j and %j are %i edits apart', (a, b, edits) => {
  expect(countEdits(a, b)).toBe(edits);
});

test('edits are the same both ways, none only between equal words, and bounded by the longer word', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const edits = countEdits(a, b);
      expect(countEdits(b, a)).toBe(edits);
      expect(edits === 0).toBe(a === b);
      expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('two neighbours that have changed places are told from another letter', () => {
  expect(isSwapped('firday', 'friday')).toBe(true);
  expect(isSwapped('oven', 'open')).toBe(false);
});
