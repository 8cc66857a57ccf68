import type { ResponseInput } from 'openai/resources/responses/responses';
import type { Assistant } from '../assistants/assistant.model.ts';
import {
  isTransientResponse,
  type ResponseEvent,
  type ResponseRequest,
  type SearchResult,
  streamResponse,
} from '../assistants/response-stream.ts';
import { trueAt } from '../context/knowledge.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Upstream } from '../platform/openai-client.ts';
import type { AnswerRecord, FinishReason, FunctionCall } from './answer-record.ts';
import type { LiveTurn } from './live-turns.ts';
import { buildInput, type PromptParts } from './prompt.ts';
import { shownCalls, type Tools } from './tools.ts';

const CALLS_MAX = 5;
const RETRIES_MAX = 2;
const RETRY_WITHIN_MS = 8_000;

/** What the model's side of a turn came to; it fills while the turn runs, so that a part of it can be stored. */
export interface Conversation {
  finishReason: FinishReason;
  /** Files that were cited, in order, each once. */
  readonly citedFileIds: Set<string>;
  readonly calls: FunctionCall[];
  /** Passages that file search found, in order. */
  readonly found: SearchResult[];
  /** What was true when it began; empty before. */
  now: string;
  readonly usage: AnswerRecord['usage'];
  firstTextAt: Date | undefined;
}

export function newConversation(): Conversation {
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, searches: 0 };
  return {
    finishReason: 'stop',
    citedFileIds: new Set(),
    calls: [],
    found: [],
    now: '',
    usage,
    firstTextAt: undefined,
  };
}

export interface ConverseDeps {
  readonly clock: Clock;
  readonly upstream: Upstream;
  readonly tools: Tools;
  readonly safetyIdentifier: (threadId: string) => string;
}

type Outcome = Extract<ResponseEvent, { type: 'completed' | 'incomplete' }>;
type Call = Extract<ResponseEvent, { type: 'call' }>;

/**
 * Talks with the model until it has answered: a response, the functions that it calls, the next response, with at most five calls.
 * @throws what `streamResponse` throws; `conversation` holds what came until then.
 */
export async function converse(
  deps: ConverseDeps,
  assistant: Assistant,
  prompt: PromptParts,
  live: LiveTurn,
  conversation: Conversation,
): Promise<void> {
  let input = buildInput(prompt);
  conversation.now = prompt.now;
  for (;;) {
    const mayCall = conversation.calls.length < CALLS_MAX;
    const request = requestOf(deps, assistant, live, input, mayCall);
    const { outcome, calls } = await respondWithRetries(deps, request, live, conversation);
    if (outcome.type === 'incomplete') {
      conversation.finishReason = finishReasonOf(outcome.reason);
      return;
    }
    // A model that calls although it may not has had its chance.
    if (calls.length === 0 || !mayCall) return;
    const outputs: ResponseInput = [];
    for (const call of calls) {
      outputs.push({
        type: 'function_call_output',
        call_id: call.callId,
        output: await carryOut(deps, call, live, conversation),
      });
    }
    input = [...input, ...outcome.output, ...outputs];
  }
}

function requestOf(
  deps: ConverseDeps,
  assistant: Assistant,
  live: LiveTurn,
  input: ResponseInput,
  mayCall: boolean,
): ResponseRequest {
  return {
    model: assistant.model,
    instructions: assistant.instructions,
    input,
    vectorStoreId: assistant.vectorStoreId,
    filters: trueAt(deps.clock.now()),
    functions: deps.tools.specs,
    mayCall,
    maxOutputTokens: assistant.maxOutputTokens,
    cacheKey: `${assistant.accountId}:${assistant.version}`,
    safetyIdentifier: deps.safetyIdentifier(live.threadId),
  };
}

/** Asks again as long as nothing of the response was said, twice at most and not after 8 s. */
async function respondWithRetries(
  deps: ConverseDeps,
  request: ResponseRequest,
  live: LiveTurn,
  conversation: Conversation,
): Promise<{ outcome: Outcome; calls: Call[] }> {
  const until = shiftDate(deps.clock.now(), RETRY_WITHIN_MS);
  for (let attempt = 0; ; attempt += 1) {
    const said = live.text.length;
    try {
      return await respond(deps, request, live, conversation);
    } catch (error) {
      const waitMs = 400 * 3 ** attempt;
      const isLate = shiftDate(deps.clock.now(), waitMs) > until;
      if (live.text.length > said || attempt >= RETRIES_MAX || isLate || !isTransientResponse(error)) throw error;
      await deps.clock.wait(waitMs, live.signal);
    }
  }
}

async function respond(
  { clock, upstream }: ConverseDeps,
  request: ResponseRequest,
  live: LiveTurn,
  conversation: Conversation,
): Promise<{ outcome: Outcome; calls: Call[] }> {
  const calls: Call[] = [];
  let mustPart = live.text !== '';
  for await (const event of streamResponse(upstream, request, { signal: live.signal, clock })) {
    switch (event.type) {
      case 'text':
        conversation.firstTextAt ??= clock.now();
        // What was said before a call and what comes after it are two paragraphs.
        live.push({ type: 'text', text: mustPart ? `\n\n${event.text}` : event.text });
        mustPart = false;
        break;
      case 'citation':
        conversation.citedFileIds.add(event.fileId);
        break;
      case 'search':
        conversation.usage.searches += 1;
        conversation.found.push(...event.results);
        break;
      case 'call':
        calls.push(event);
        break;
      case 'completed':
      case 'incomplete':
        addUsage(conversation, event);
        return { outcome: event, calls };
    }
  }
  throw new Error('a response stream ends with an outcome or throws');
}

function addUsage({ usage }: Conversation, outcome: Outcome): void {
  usage.inputTokens += outcome.usage.inputTokens;
  usage.cachedTokens += outcome.usage.cachedTokens;
  usage.outputTokens += outcome.usage.outputTokens;
}

async function carryOut(
  { tools }: ConverseDeps,
  { callId, name, arguments: argumentsJson }: Call,
  live: LiveTurn,
  conversation: Conversation,
): Promise<string> {
  if (conversation.calls.length >= CALLS_MAX)
    return JSON.stringify({ error: 'Too many calls; answer with what you have' });
  const { accountId, threadId, id: turnId } = live;
  const found = await orAborted(
    tools.execute(name, argumentsJson, { accountId, threadId, turnId, callId }),
    live.signal,
  );
  const made = { callId, name, arguments: argumentsJson, output: JSON.stringify(found) };
  conversation.calls.push(made);
  for (const call of shownCalls([made])) live.push({ type: 'call', call });
  return made.output;
}

/** A stop ends the wait for a function, which may go on by itself. */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function finishReasonOf(reason: string): FinishReason {
  if (reason === 'max_output_tokens') return 'length';
  return reason === 'content_filter' ? 'content-filter' : 'other';
}
