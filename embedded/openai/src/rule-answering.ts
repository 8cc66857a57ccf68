import { answerTurn, type Answerer, type Turn } from './answer/answer-turn.ts';
import type { Conversation } from './answer/conversation.ts';
import type { Answering, Ending, TurnRun } from './answering.ts';
import { functionCallEvents, messageEvents, type ResponseEventBody } from './response-events.ts';
import { cutToTokens, toFunctionCall } from './response-object.ts';
import type { ResponseRequest } from './response-request.ts';
import type { Passage } from './search.ts';

/** The engine's own answers: understood by rules, quoted from passages. */
export function answerByRules(request: ResponseRequest, conversation: Conversation, answerer: Answerer): Answering {
  const turn = answerTurn({ request, conversation }, answerer);
  return {
    queries: turn.queries,
    search: (find) => turn.queries.map(find),
    async *respond(run, found) {
      if (turn.calls.length === 0) return yield* answerEvents(run, turn, found);
      for (const call of turn.calls) {
        const item = toFunctionCall(call, run.newId);
        yield* functionCallEvents(item, run.state.output.length);
        run.state.output.push(item);
      }
      return { status: 'completed' };
    },
  };
}

function* answerEvents(
  { request, state, newId }: TurnRun,
  turn: Turn,
  found: Passage[][],
): Generator<ResponseEventBody, Ending> {
  const whole = turn.word(found);
  const text = cutToTokens(whole.text, request.max_output_tokens ?? Number.MAX_SAFE_INTEGER);
  const isCut = text.length < whole.text.length;
  const item = {
    type: 'message' as const,
    id: newId('msg_'),
    status: isCut ? ('incomplete' as const) : ('completed' as const),
    role: 'assistant' as const,
    content: [
      {
        type: 'output_text' as const,
        text,
        annotations: whole.citations.filter(({ index }) => index <= text.length),
        logprobs: [],
      },
    ],
  };
  yield* messageEvents(item, state.output.length);
  state.output.push(item);
  return isCut ? { status: 'incomplete', incompleteReason: 'max_output_tokens' } : { status: 'completed' };
}
