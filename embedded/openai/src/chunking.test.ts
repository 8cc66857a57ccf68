import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, integer, property } from 'fast-check';
import { chunkText } from './chunking.ts';

test('a section is a chunk under its heading path, and --- parts sections', () => {
  const text = '# Shop\n\nWelcome.\n\n## Bread\n\nRye.\n\nSourdough.\n\n---\n\nBaguette.\n\n# Contact\n\nCall us.';
  expect(chunkText(text)).toEqual([
    { heading: 'Shop', text: 'Welcome.' },
    { heading: 'Shop > Bread', text: 'Rye.\n\nSourdough.' },
    { heading: 'Shop > Bread', text: 'Baguette.' },
    { heading: 'Contact', text: 'Call us.' },
  ]);
});

test('a section that is too long is cut at blank lines, and a line that announces stays with its list', () => {
  const text = '# Bread\n\nBaked daily:\n\n- rye\n- spelt\n\nSourdough takes two whole days.';
  expect(chunkText(text, 40).map((chunk) => chunk.text)).toEqual([
    'Baked daily:\n- rye\n- spelt',
    'Sourdough takes two whole days.',
  ]);
});

test('a # inside a code fence is no heading', () => {
  expect(chunkText('```\n# not a heading\n```')).toEqual([{ heading: '', text: '```\n# not a heading\n```' }]);
});

test('no chunk is longer than asked for, and every word is in exactly one chunk or heading', () => {
  const piece = constantFrom(
    '\n# Heading\n',
    '\n\n',
    '\n---\n',
    'word ',
    'Sentence. ',
    '😀',
    '\n- item\n',
    'x'.repeat(90),
  );
  const text = array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
  assert(
    property(text, integer({ min: 20, max: 200 }), (generated, charsMax) => {
      const chunks = chunkText(generated, charsMax);
      for (const chunk of chunks) {
        expect(chunk.text.length).toBeLessThanOrEqual(charsMax);
        expect(chunk.text.isWellFormed()).toBe(true);
      }
      expect(letters(chunks.map((chunk) => chunk.text).join(''))).toBe(letters(generated));
    }),
  );
});

function letters(text: string): string {
  return text.replace(/# Heading|[^\p{L}\p{So}]/gu, '');
}
