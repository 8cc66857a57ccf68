import type { Conversation } from '../answer/conversation.ts';
import type { Answering, Ending, TurnRun } from '../answering.ts';
import { functionCallEvents, type ResponseEventBody } from '../response-events.ts';
import { RESULTS_DEFAULT, toFunctionCall } from '../response-object.ts';
import type { ResponseRequest } from '../response-request.ts';
import { type Passage, passageText } from '../search.ts';
import { mergePassages } from '../search-route.ts';
import { STOP_WORDS } from '../stop-words.ts';
import { allowedTools } from '../tool-choice.ts';
import { toUsage } from '../usage.ts';
import { splitWords } from '../words.ts';
import { toChatRequest } from './chat-request.ts';
import { keepStrict } from './keep-strict.ts';
import { readReply, type ReplyEnd, type ReplyPart } from './read-reply.ts';
import { ChatFailure, type ChatServer, streamChat } from './stream-chat.ts';
import { createMessage, createReasoning } from './write-items.ts';

/** A question of so few telling words may go on from the one before it: both are looked for. */
const FOLLOW_UP_WORDS_MAX = 3;
/** About 3,000 tokens: what a model on one's own machine reads in reasonable time. */
const PASSAGES_CHARS_MAX = 12_000;

/** Answers that the model of a chat server writes, from passages that the engine has found. */
export function answerByWriter(request: ResponseRequest, conversation: Conversation, server: ChatServer): Answering {
  const allowed = allowedTools(request);
  const queries = allowed.fileSearch ? queriesOf(conversation) : [];
  const limit = allowed.fileSearch?.max_num_results ?? RESULTS_DEFAULT;
  return {
    queries,
    search: (find) => [mergePassages(queries.flatMap(find)).slice(0, limit)],
    async *respond(run, found) {
      const passages = fitting(found.flat());
      const hasResults = conversation.results.length > 0;
      const chat = toChatRequest(request, allowed, { passages, hasResults });
      try {
        return yield* write(run, passages, readReply(streamChat(server, chat, run.signal)));
      } catch (error) {
        if (!(error instanceof ChatFailure)) throw error;
        const message = `The chat server at ${server.url} (model ${server.model}) ${error.message}`;
        return { status: 'failed', error: { code: error.code, message } };
      }
    },
  };
}

function queriesOf({ question, earlier }: Conversation): string[] {
  if (question.trim() === '') return [];
  const before = earlier.findLast(({ role }) => role === 'user');
  const telling = splitWords(question).filter((word) => !STOP_WORDS.has(word));
  return before && telling.length <= FOLLOW_UP_WORDS_MAX ? [question, `${before.text}\n${question}`] : [question];
}

/** The best passages, as far as they fit in what the model is given to read. */
function fitting(passages: Passage[]): Passage[] {
  let chars = 0;
  return passages.filter((passage, at) => (chars += passageText(passage).length) <= PASSAGES_CHARS_MAX || at === 0);
}

/** The output as it is written: thoughts as a pulse, the words with their citations, then calls. */
async function* write(
  run: TurnRun,
  passages: Passage[],
  reply: AsyncIterable<ReplyPart>,
): AsyncGenerator<ResponseEventBody, Ending> {
  const reasoning = createReasoning(run);
  let message: ReturnType<typeof createMessage> | undefined;
  let end: ReplyEnd | undefined;
  for await (const part of reply) {
    if (part === 'working') {
      if (!message) yield* reasoning.pulse();
    } else if ('text' in part) {
      if (!message) {
        yield* reasoning.close();
        message = createMessage(run);
        yield* message.open();
      }
      yield* message.say(part.text);
    } else if ('finishReason' in part) {
      end = part;
    } else {
      const cited = passages[part.passage - 1];
      if (message && cited) yield* message.cite(cited);
    }
  }
  if (!end) throw new ChatFailure('server_error', 'broke off in the middle of an answer');
  yield* reasoning.close();
  const ending = endingOf(end);
  if (message) yield* message.close(ending.status === 'incomplete' ? 'incomplete' : 'completed');
  if (ending.status === 'completed') yield* callEvents(run, end);
  return ending;
}

/** Calls of an answer that was cut may be cut too: only a whole one calls. */
function* callEvents({ request, state, newId }: TurnRun, { calls }: ReplyEnd): Generator<ResponseEventBody> {
  const tools = request.tools.filter((tool) => tool.type === 'function');
  for (const call of request.parallel_tool_calls === false ? calls.slice(0, 1) : calls) {
    if (call.name === '') throw new ChatFailure('server_error', 'called a function without a name');
    const tool = tools.find(({ name }) => name === call.name);
    const item = toFunctionCall({ ...call, arguments: keepStrict(call.arguments, tool) }, newId);
    yield* functionCallEvents(item, state.output.length);
    state.output.push(item);
  }
}

function endingOf({ finishReason, usage: given }: ReplyEnd): Exclude<Ending, { status: 'failed' }> {
  const usage = given
    ? toUsage({
        inputTokens: given.prompt_tokens ?? 0,
        cachedTokens: given.prompt_tokens_details?.cached_tokens ?? 0,
        outputTokens: given.completion_tokens ?? 0,
        reasoningTokens: given.completion_tokens_details?.reasoning_tokens ?? 0,
      })
    : undefined;
  if (finishReason === 'length') return { status: 'incomplete', incompleteReason: 'max_output_tokens', usage };
  if (finishReason === 'content_filter') return { status: 'incomplete', incompleteReason: 'content_filter', usage };
  return { status: 'completed', usage };
}
