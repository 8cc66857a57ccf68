import { passageText, type Passage } from './search.ts';
import type { ResponseRequest } from './response-request.ts';

const CHARS_A_TOKEN = 4;
/** How many passages a search gives where it isn't said. */
export const RESULTS_DEFAULT = 20;

export interface FileCitation {
  type: 'file_citation';
  file_id: string;
  filename: string;
  /** Where in the text the citation belongs, in UTF-16 units. */
  index: number;
}

export interface OutputText {
  type: 'output_text';
  text: string;
  annotations: FileCitation[];
  logprobs: never[];
}

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type OutputItem =
  | {
      type: 'file_search_call';
      id: string;
      status: 'in_progress' | 'searching' | 'completed';
      queries: string[];
      results: ReturnType<typeof toSearchResult>[] | null;
    }
  | { type: 'message'; id: string; status: ItemStatus; role: 'assistant'; content: OutputText[] }
  | { type: 'reasoning'; id: string; status: ItemStatus; summary: never[] }
  | { type: 'function_call'; id: string; call_id: string; name: string; arguments: string; status: ItemStatus };

/** Of OpenAI's codes those that happen here. */
export interface ResponseError {
  code: 'server_error' | 'rate_limit_exceeded' | 'invalid_prompt';
  message: string;
}

export interface Usage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

export interface ResponseState {
  id: string;
  createdAt: number;
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  completedAt?: number;
  incompleteReason?: 'max_output_tokens' | 'content_filter';
  error?: ResponseError;
  output: OutputItem[];
  usage?: Usage;
}

/**
 * OpenAI's Response object. `usage` is left out until it is known: its schema there has no null.
 */
export function toResponse(request: ResponseRequest, state: ResponseState) {
  return {
    id: state.id,
    object: 'response' as const,
    created_at: state.createdAt,
    status: state.status,
    background: false,
    completed_at: state.completedAt ?? null,
    error: state.error ?? null,
    incomplete_details: state.incompleteReason ? { reason: state.incompleteReason } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    output: state.output,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: { effort: null, summary: null },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: 'default' as const,
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { format: { type: 'text' as const } },
    tool_choice: request.tool_choice,
    tools: request.tools.map(toEchoedTool),
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    ...(request.user !== undefined && { user: request.user }),
    ...(state.usage && { usage: state.usage }),
  };
}

export type ResponseObject = ReturnType<typeof toResponse>;

function toEchoedTool(tool: ResponseRequest['tools'][number]) {
  if (tool.type === 'function') {
    const { name, description, parameters, strict } = tool;
    return {
      type: tool.type,
      name,
      description: description ?? null,
      parameters: parameters ?? null,
      strict: strict ?? false,
    };
  }
  return {
    type: tool.type,
    vector_store_ids: tool.vector_store_ids,
    max_num_results: tool.max_num_results ?? RESULTS_DEFAULT,
    filters: tool.filters ?? null,
    ranking_options: {
      ranker: tool.ranking_options?.ranker ?? 'auto',
      score_threshold: tool.ranking_options?.score_threshold ?? 0,
    },
  };
}

/** A passage as `file_search_call.results` shows it. */
export function toSearchResult(passage: Passage) {
  return {
    file_id: passage.fileId,
    filename: passage.filename,
    score: passage.score,
    attributes: passage.attributes,
    text: passageText(passage),
  };
}

/** A finished call as an item of the output. Its id is ours: some models number theirs anew in each response. */
export function toFunctionCall(call: { name: string; arguments: string }, newId: (prefix: string) => string) {
  return {
    type: 'function_call' as const,
    id: newId('fc_'),
    call_id: newId('call_'),
    status: 'completed' as const,
    ...call,
  };
}

/** There is no tokenizer here: a token is taken for four characters, as OpenAI's rule of thumb has it. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARS_A_TOKEN);
}

/** What `max_output_tokens` leaves of a text; whole code points. */
export function cutToTokens(text: string, tokensMax: number): string {
  const cut = text.slice(0, tokensMax * CHARS_A_TOKEN);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
