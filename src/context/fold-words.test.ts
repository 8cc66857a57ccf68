import { expect, test } from '@jest/globals';
import { foldWords } from './fold-words.ts';

test.each([
  ['Do you have any baguettes?', ['baguette']],
  ['CHERRIES, cherry', ['cherry']],
  ['crème brûlée', ['creme', 'brulee']],
  ['boxes of glasses', ['box', 'glass']],
  ['black-oil sunflower 5 lb', ['black', 'oil', 'sunflower', '5', 'lb']],
  ['Ñandú', ['nandu']],
  ['???', []],
])('%j is searched by %j', (text, words) => {
  expect(foldWords(text)).toEqual(words);
});
