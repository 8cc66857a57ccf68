import type { ResponseRequest } from '../response-request.ts';
import type { Passage } from '../search.ts';
import type { Words } from '../words.ts';
import type { Conversation } from './conversation.ts';
import { readToday } from './moment.ts';
import { answerFromPassages } from './passage-answer.ts';
import { type FunctionCall, planTurn } from './plan.ts';
import { understand } from './understand.ts';
import { wordAnswer, type Wording } from './word.ts';

export interface Answerer {
  words: Words;
  weigh: (query: string) => Map<string, number>;
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
  { words, weigh, nowMs }: Answerer,
): Turn {
  const today = readToday([conversation.instructions, ...conversation.facts], nowMs());
  const asks = understand(conversation, today);
  const plan = planTurn(request, conversation, asks);
  return {
    queries: plan.queries,
    calls: plan.calls,
    word: (found) => {
      const answers = plan.queries.map((text, at) => answerFromPassages(found[at] ?? [], { text, words, weigh }));
      return wordAnswer({ plan, conversation, answers });
    },
  };
}
