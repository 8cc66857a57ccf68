import { expect, test } from '@jest/globals';
import { anAccount, aLocation, anOpenWeek, aProduct } from '../../src/testing/start-app.ts';
import { collectFacts, findForeignFacts } from './foreign-facts.ts';
import { judge } from './question.ts';

const TUESDAY = Temporal.PlainDate.from('2026-11-24');
const facts = collectFacts({
  account: anAccount(),
  location: aLocation(),
  hours: { ...anOpenWeek(), exceptions: [{ date: '2026-11-26', closed: true, note: 'Thanksgiving' }] },
  products: [aProduct()],
  faqs: [{ question: 'Do you deliver?', answer: 'For $6, until 8 pm.', order: 0 }],
});

test('an answer is right if it has all that it must and nothing that it must not', () => {
  expect(judge('Yes, $7.50.', { must: ['\\$7\\.50', ['^no', '^yes']], mustNot: ['closed'] })).toEqual([]);
  expect(judge('We are CLOSED.', { must: ['open'], mustNot: ['closed'] })).toEqual(['lacks open', 'has closed']);
});

test.each([
  ['The loaf costs $7.50, delivery $6, until 8 pm.', []],
  ['Under $5? No.', []],
  ['It costs $8.', ['price 8']],
  ['We open at 6:30 am.', ['time 6:30']],
  ["On Sunday, November 29, we're open 7 am to 3 pm.", []],
  ["On Monday, November 29, we're open 7 am to 3 pm.", ['weekday of Monday, November 29']],
  [
    "On Thursday, November 26, we're open 7 am to 3 pm.",
    ['420 min is no hour of Thursday, November 26', '900 min is no hour of Thursday, November 26'],
  ],
  ['El domingo 29 de noviembre abrimos de 7 am a 3 pm.', []],
])('foreign prices, hours and dates are found: %s', (answer, foreign) => {
  expect(findForeignFacts(answer, 'anything under $5?', facts, TUESDAY)).toEqual(foreign);
});
