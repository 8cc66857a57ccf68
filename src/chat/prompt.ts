import type { ResponseInput } from 'openai/resources/responses/responses';
import type { Message } from './message.model.ts';

export interface PromptParts {
  /** Earlier messages, oldest first. */
  readonly history: readonly Pick<Message, 'role' | 'text'>[];
  /** What is true now, from `Knowledge.describeNow`. */
  readonly now: string;
  /** The visitor's words. */
  readonly words: string;
}

/** About a third of what a small model reads gladly; the rest is for passages and functions. */
const HISTORY_TOKENS_MAX = 4000;

/**
 * The input of a turn's first response. What stays the same comes first, so that the model's prompt cache fits: (instructions
 * and tools,) history, what is true now, the visitor's words. Function calls of earlier turns are left out: what they
 * told may have changed since.
 */
export function buildInput({ history, now, words }: PromptParts): ResponseInput {
  return [
    ...trimHistory(history, HISTORY_TOKENS_MAX).map(({ role, text }) => ({
      role: role === 'visitor' ? ('user' as const) : ('assistant' as const),
      content: text,
    })),
    { role: 'developer' as const, content: now },
    { role: 'user' as const, content: words },
  ];
}

/** The newest messages that fit in the budget, whole ones only, oldest first. Empty ones (an answer that failed at once) are left out. */
export function trimHistory<Said extends Pick<Message, 'text'>>(history: readonly Said[], tokensMax: number): Said[] {
  const kept: Said[] = [];
  let tokens = 0;
  for (const message of history.toReversed()) {
    if (message.text === '') continue;
    tokens += estimateTokens(message.text);
    if (tokens > tokensMax) break;
    kept.push(message);
  }
  return kept.reverse();
}

/** On the safe side for languages whose words are many tokens: a token is three bytes of UTF-8, and each message costs a few. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3) + 4;
}
