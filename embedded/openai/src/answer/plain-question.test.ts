import { expect, test } from '@jest/globals';
import { toPlainQuestion } from './plain-question.ts';

test.each([
  ['I was wondering if you sell kilns', 'do you sell kilns'],
  ['can you tell me whether there is a lift?', 'is there a lift?'],
  ['do you know if I can park there', 'can I park there'],
  ['where can I park, thanks in advance', 'where can I park'],
  ['I want to book a kiln, how does it work?', 'how do i book a kiln?'],
  ["i'd like to make an appointment", 'how do i make an appointment?'],
  ['can you bring two vases to my house?', 'do you deliver?'],
  ['I want to sell my old wheel', 'do you buy my old wheel'],
  ['can my 8 year old join?', 'can a child join?'],
  ['My vase has cracked, what should I do?', 'My vase has cracked?'],
])('%s', (said, plain) => {
  expect(toPlainQuestion(said)).toBe(plain);
});

test.each(['tell me about the kiln', 'can you send someone to my house', 'a 10 year old kiln', 'how does it work?'])(
  '%s stays as it is',
  (said) => {
    expect(toPlainQuestion(said)).toBe(said);
  },
);
