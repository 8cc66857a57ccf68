import type { ResponseRequest } from '../response-request.ts';
import type { Passage } from '../search.ts';
import type { Words } from '../words.ts';
import type { Conversation } from './conversation.ts';
import { readToday } from './moment.ts';
import { type FunctionCall, planTurn } from './plan.ts';
import type { Speller } from './spelling.ts';
import { type Ask, understand } from './understand.ts';
import { wordAnswer, type Wording } from './word.ts';

export interface Answerer {
  words: Words;
  weigh: (query: string) => Map<string, number>;
  spell: Speller;
  /** The stores that may be searched. */
  storeSeqs: readonly number[];
  nowMs: () => number;
}

export interface Turn {
  /** What to look for in the files, one query for each thing asked. */
  queries: string[];
  /** Functions to call; if there are any, there are no words yet. */
  calls: FunctionCall[];
  /** @param found the passages of each query, best first */
  word(found: Passage[][]): Wording;
}

/** Understand, plan, (the caller searches,) word. */
export function answerTurn(
  { request, conversation }: { request: ResponseRequest; conversation: Conversation },
  { words, weigh, spell, storeSeqs, nowMs }: Answerer,
): Turn {
  const today = readToday([conversation.instructions, ...conversation.facts], nowMs());
  const asks = understand(conversation, today).map((ask) => mendSlips(ask, (text) => spell(text, storeSeqs)));
  const plan = planTurn(request, conversation, asks);
  return {
    queries: plan.queries,
    calls: plan.calls,
    word: (found) => wordAnswer({ plan, conversation, today, found, words, weigh }),
  };
}

/** What was named is looked up as the files write it; what a person will read stays as it was typed. */
function mendSlips(ask: Ask, mend: (text: string) => string): Ask {
  if (ask.kind === 'other') return { ...ask, text: mend(ask.text) };
  if (ask.kind !== 'products') return ask;
  return { ...ask, text: mend(ask.text), query: ask.query === null ? null : mend(ask.query) };
}
