import { expect, test } from '@jest/globals';
import { withSynonyms } from './synonyms.ts';

test('the visitor’s words come first, the same thing as a verb nearly counts as much, other words for it less', () => {
  const [own, verb, ...others] = withSynonyms('delivery to town');
  expect(own).toEqual({ query: 'delivery to town', weight: 1 });
  expect(verb).toEqual({ query: 'deliver to town', weight: 0.95 });
  expect(others).toContainEqual({ query: 'ship to town', weight: 0.7 });
});

test('a Spanish question is asked in English too, its own words first', () => {
  expect(withSynonyms('¿Dónde puedo estacionar?', 'es').map(({ query }) => query)).toEqual([
    '¿Dónde puedo estacionar?',
    'where can i park?',
  ]);
});
