import type { OpenAI } from 'openai';
import type {
  ResponseCreateParamsStreaming,
  ResponseIncludable,
  ResponseInput,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses';
import type { Clock } from '../platform/clock.ts';
import type { Upstream } from '../platform/openai-client.ts';
import { isTransient } from '../platform/retry.ts';

/** A function that the model may call, with a strict JSON Schema of its arguments. */
export interface FunctionSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: Record<string, unknown>;
}

export interface ResponseRequest {
  readonly model: string;
  readonly instructions: string;
  readonly input: ResponseInput;
  readonly vectorStoreId: string;
  /** Which files may be found. */
  readonly filters: OpenAI.ComparisonFilter | OpenAI.CompoundFilter;
  readonly functions: readonly FunctionSpec[];
  /** Whether the model may still call functions in this response. */
  readonly mayCall: boolean;
  readonly maxOutputTokens: number;
  /** The same for requests that begin alike; at most 64 characters. */
  readonly cacheKey: string;
  /** Tells visitors apart without naming them; at most 64 characters. */
  readonly safetyIdentifier: string;
}

export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** What a response consists of, as far as a turn cares. The last event is exactly one `completed` or `incomplete`. */
export type ResponseEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'citation'; readonly fileId: string; readonly filename: string; readonly index: number }
  | { readonly type: 'search'; readonly results: readonly SearchResult[] }
  | { readonly type: 'call'; readonly callId: string; readonly name: string; readonly arguments: string }
  | { readonly type: 'completed'; readonly output: ResponseInputItem[]; readonly usage: TokenUsage }
  | { readonly type: 'incomplete'; readonly reason: string; readonly usage: TokenUsage };

export interface SearchResult {
  readonly fileId: string;
  readonly filename: string;
  readonly score: number;
  readonly text: string;
}

/** The response broke off or was declared failed. */
export class ResponseStreamError extends Error {
  override readonly name = 'ResponseStreamError';
  /** Whether the same request may succeed later. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.isTransient = isTransient;
  }
}

/** Whether a response that failed so may succeed when it is asked for again. */
export function isTransientResponse(error: unknown): boolean {
  return error instanceof ResponseStreamError ? error.isTransient : isTransient(error);
}

const SEARCH_RESULTS_MAX = 6;
/** Not `keepalive`, `response.in_progress` or kinds that we don't know: they come for ever from a server that is stuck. */
const PROGRESS = /^response\.(?:created|.+\.(?:added|delta|done|searching|completed))$/;
const TRANSIENT_CODES = new Set(['server_error', 'rate_limit_exceeded', 'vector_store_timeout', 'server_overloaded']);

/**
 * One streamed response of the OpenAI API: https://platform.openai.com/docs/api-reference/responses-streaming. Nothing is
 * stored there. The SDK's timeout ends with the headers, so a watchdog of our own ends a stream that gets nowhere for `idleMs`.
 * @throws the signal's reason; APIError for a refused request; ResponseStreamError for a response that failed, broke off,
 * stalled or can't be understood.
 */
export async function* streamResponse(
  upstream: Upstream,
  request: ResponseRequest,
  options: { signal: AbortSignal; clock: Clock; idleMs?: number },
): AsyncGenerator<ResponseEvent, void, undefined> {
  const ended = new AbortController();
  const stalled = new AbortController();
  const signal = AbortSignal.any([options.signal, stalled.signal, ended.signal]);
  const watchdog = watch(options.clock, options.idleMs ?? 30_000, ended.signal, stalled);
  const reader = createEventReader();
  try {
    const events = await upstream.openai.responses.create(paramsOf(upstream, request), { signal });
    for await (const event of events) {
      if (PROGRESS.test(event.type)) watchdog.touch();
      for (const found of reader.read(event)) {
        yield found;
        if (found.type === 'completed' || found.type === 'incomplete') return;
      }
    }
    // An aborted stream ends as silently as one that was cut.
    options.signal.throwIfAborted();
    stalled.signal.throwIfAborted();
    throw new ResponseStreamError('the response ended without a terminal event', true);
  } catch (error) {
    options.signal.throwIfAborted();
    stalled.signal.throwIfAborted();
    throw asStreamError(error);
  } finally {
    ended.abort();
  }
}

function paramsOf(upstream: Upstream, request: ResponseRequest): ResponseCreateParamsStreaming {
  const { reasoningEffort } = upstream;
  const reasons = reasoningEffort !== undefined && reasoningEffort !== 'none';
  // What isn't stored there can only be sent back whole.
  const include: ResponseIncludable[] = ['file_search_call.results'];
  if (reasons) include.push('reasoning.encrypted_content');
  return {
    stream: true,
    store: false,
    model: request.model,
    instructions: request.instructions,
    input: request.input,
    tools: [
      {
        type: 'file_search',
        vector_store_ids: [request.vectorStoreId],
        max_num_results: SEARCH_RESULTS_MAX,
        filters: request.filters,
      },
      ...request.functions.map((spec) => ({
        type: 'function' as const,
        strict: true,
        name: spec.name,
        description: spec.description,
        parameters: spec.parameters,
      })),
    ],
    tool_choice: request.mayCall ? 'auto' : 'none',
    parallel_tool_calls: false,
    max_output_tokens: request.maxOutputTokens,
    include,
    prompt_cache_key: request.cacheKey.slice(0, 64),
    safety_identifier: request.safetyIdentifier.slice(0, 64),
    ...(reasoningEffort === undefined ? {} : { reasoning: { effort: reasoningEffort as OpenAI.ReasoningEffort } }),
  };
}

/** Ends `stalled` once `idleMs` have passed since the last touch. */
function watch(clock: Clock, idleMs: number, ended: AbortSignal, stalled: AbortController): { touch(): void } {
  let touchedAt = clock.now().getTime();
  const run = async (): Promise<void> => {
    for (;;) {
      const leftMs = touchedAt + idleMs - clock.now().getTime();
      if (leftMs <= 0) break;
      await clock.wait(leftMs, ended);
    }
    stalled.abort(new ResponseStreamError(`the response said nothing for ${idleMs} ms`, true));
  };
  // It is the end of the stream that ends the wait.
  run().catch(() => undefined);
  return {
    touch() {
      touchedAt = clock.now().getTime();
    },
  };
}

/** Turns the API's events into ours; unknown ones are passed over, since the API grows. */
function createEventReader(): { read(event: ResponseStreamEvent): ResponseEvent[] } {
  const output: ResponseOutputItem[] = [];
  const commentary = new Set<string>();
  const cited = new Set<string>();
  let spokenIndex: number | undefined;

  function say(text: string, index: number): ResponseEvent[] {
    // Two messages of one response are two paragraphs.
    const mustPart = spokenIndex !== undefined && spokenIndex !== index;
    spokenIndex = index;
    return [{ type: 'text', text: mustPart ? `\n\n${text}` : text }];
  }

  function cite(annotation: unknown): ResponseEvent[] {
    const citation = citationOf(annotation);
    if (citation === undefined) return [];
    const key = `${citation.fileId}:${citation.index}`;
    if (cited.has(key)) return [];
    cited.add(key);
    return [citation];
  }

  function readItem(item: ResponseOutputItem): ResponseEvent[] {
    output.push(item);
    if (item.type === 'function_call') {
      if (!item.name || !item.call_id) throw new ResponseStreamError('the response has a call without a name', true);
      return [{ type: 'call', callId: item.call_id, name: item.name, arguments: item.arguments }];
    }
    if (item.type === 'file_search_call') return [{ type: 'search', results: resultsOf(item) }];
    if (item.type !== 'message') return [];
    // Where an annotation's own event stands, or whether it comes, isn't documented.
    return item.content.flatMap((part) => (part.type === 'output_text' ? part.annotations.flatMap(cite) : []));
  }

  return {
    read(event) {
      switch (event.type) {
        case 'response.output_item.added':
          if (event.item.type === 'message' && event.item.phase === 'commentary') commentary.add(event.item.id);
          return [];
        case 'response.output_text.delta':
        case 'response.refusal.delta':
          if (typeof event.delta !== 'string') throw new ResponseStreamError('the response is malformed', false);
          if (event.delta === '' || commentary.has(event.item_id)) return [];
          return say(event.delta, event.output_index);
        case 'response.output_text.annotation.added':
          return cite(event.annotation);
        case 'response.output_item.done':
          return readItem(event.item);
        case 'response.completed':
          return [{ type: 'completed', output: output as ResponseInputItem[], usage: usageOf(event.response.usage) }];
        case 'response.incomplete': {
          const reason = event.response.incomplete_details?.reason ?? 'unknown';
          return [{ type: 'incomplete', reason, usage: usageOf(event.response.usage) }];
        }
        case 'response.failed': {
          const { error } = event.response;
          throw failure(error?.code, error?.message);
        }
        case 'error':
          throw failure(event.code, event.message);
        default:
          return [];
      }
    },
  };
}

function citationOf(annotation: unknown): Extract<ResponseEvent, { type: 'citation' }> | undefined {
  if (typeof annotation !== 'object' || annotation === null) return undefined;
  const { type, file_id, filename, index } = annotation as Record<string, unknown>;
  if (type !== 'file_citation' || typeof file_id !== 'string') return undefined;
  return {
    type: 'citation',
    fileId: file_id,
    filename: typeof filename === 'string' ? filename : '',
    index: typeof index === 'number' ? index : 0,
  };
}

function resultsOf(item: OpenAI.Responses.ResponseFileSearchToolCall): SearchResult[] {
  return (item.results ?? []).flatMap(({ file_id, filename, score, text }) =>
    typeof file_id === 'string'
      ? [{ fileId: file_id, filename: filename ?? '', score: Number(score) || 0, text: text ?? '' }]
      : [],
  );
}

/** Each part of the API's usage object may be missing on servers that only speak its language. */
function usageOf(usage: Partial<ResponseUsage> | null | undefined): TokenUsage {
  const details = usage?.input_tokens_details as Partial<ResponseUsage.InputTokensDetails> | undefined;
  return {
    inputTokens: usage?.input_tokens ?? 0,
    cachedTokens: details?.cached_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
  };
}

function failure(code: string | null | undefined, message: string | undefined): ResponseStreamError {
  const named = code ?? 'unknown';
  return new ResponseStreamError(`the response failed (${named}): ${message ?? ''}`, TRANSIENT_CODES.has(named));
}

/** The SDK throws a bare TypeError for a cut connection, SyntaxError for bytes that aren't JSON, and for an error event an APIError without a status. */
function asStreamError(error: unknown): unknown {
  if (!Error.isError(error)) return error;
  if (error.name === 'TypeError') return new ResponseStreamError('the response broke off', true, error);
  if (error.name === 'SyntaxError') return new ResponseStreamError('the response is malformed', true, error);
  if ('status' in error && error.status === undefined && 'code' in error && typeof error.code === 'string') {
    return failure(error.code, error.message);
  }
  return error;
}
