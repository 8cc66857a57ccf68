import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildInput, estimateTokens, trimHistory } from './prompt.ts';

const message = fc.record({ role: fc.constantFrom('visitor' as const, 'assistant' as const), text: fc.string() });

test('history, then what is true now, then the visitor’s words', () => {
  const input = buildInput({
    history: [
      { role: 'visitor', text: 'Are you open?' },
      { role: 'assistant', text: 'Yes.' },
    ],
    now: 'It is 10 am.',
    words: 'Until when?',
  });

  expect(input).toEqual([
    { role: 'user', content: 'Are you open?' },
    { role: 'assistant', content: 'Yes.' },
    { role: 'developer', content: 'It is 10 am.' },
    { role: 'user', content: 'Until when?' },
  ]);
});

test('a history keeps its newest messages, whole and in order, within the budget, and no message that would still fit is dropped', () => {
  fc.assert(
    fc.property(fc.array(message), fc.nat(300), (history, tokensMax) => {
      const said = history.filter(({ text }) => text !== '');
      const cost = (messages: typeof said) => messages.reduce((sum, { text }) => sum + estimateTokens(text), 0);

      const kept = trimHistory(history, tokensMax);

      expect(kept).toEqual(said.slice(said.length - kept.length));
      expect(cost(kept)).toBeLessThanOrEqual(tokensMax);
      const next = said.slice(0, said.length - kept.length).slice(-1);
      expect(next.length === 0 || cost([...next, ...kept]) > tokensMax).toBe(true);
    }),
  );
});

test('a long thread costs a bounded number of tokens', () => {
  const history = Array.from({ length: 60 }, () => ({ role: 'visitor' as const, text: 'x'.repeat(4000) }));

  expect(buildInput({ history, now: '', words: '' }).length).toBeLessThan(6);
});
