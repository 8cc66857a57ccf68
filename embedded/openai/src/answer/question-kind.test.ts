import { expect, test } from '@jest/globals';
import { isOtherKind, tellsKind } from './question-kind.ts';

test.each([
  ['how long does a firing take', 'Two days.', true],
  ['how long does a firing take', 'It costs $12.', false],
  ['how much is parking', 'Parking is free.', true],
  ['how much is a pass', 'Students get 15 % off.', false],
  ['how many wheels are there', 'There are nine wheels.', true],
  ['how many wheels are there', 'Members get 15 % off until 9 pm.', false],
  ['who built the kiln', 'It was built by Ada Byron.', true],
  ['who built the kiln', 'Our team did, on a Sunday.', false],
  ['how heavy is the vase', 'It weighs 3 lb.', true],
  ['is the vase washable', 'It is blue.', undefined],
])('%s: “%s” tells it: %s', (question, text, isTold) => {
  expect(tellsKind(question, text)).toBe(isTold);
});

test('how long is not how often, and what is not how long; a yes or no may be about anything', () => {
  expect(isOtherKind('how long does a firing take', 'How often do you fire?')).toBe(true);
  expect(isOtherKind('what do I need for a firing', 'How long does a firing take?')).toBe(true);
  expect(isOtherKind('how long does a firing take', 'How do I store clay, and how long does it keep?')).toBe(false);
  expect(isOtherKind('how long does a firing take', 'Do you fire pots?')).toBe(false);
  expect(isOtherKind('do you have parking', 'Where can I park?')).toBe(false);
});
