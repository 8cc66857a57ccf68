import { answerTurn, type Answerer, type Turn } from './answer/answer-turn.ts';
import { ApiError, notFound, parseInput } from './api-error.ts';
import type { Database } from './database.ts';
import { MODEL_ID } from './models.ts';
import {
  functionCallEvents,
  messageEvents,
  numberEvents,
  type ResponseEvent,
  type ResponseEventBody,
  toEventStream,
} from './response-events.ts';
import {
  cutToTokens,
  estimateTokens,
  type OutputItem,
  type ResponseObject,
  type ResponseState,
  toResponse,
  toSearchResult,
} from './response-object.ts';
import { type FileSearchTool, responseRequest, type ResponseRequest } from './response-request.ts';
import type { Route } from './router.ts';
import { type Passage, passageText, type Search } from './search.ts';
import { mergePassages, openForSearch } from './search-route.ts';
import type { VectorStores } from './vector-stores.ts';
import { readConversation } from './answer/conversation.ts';

const RESULTS_DEFAULT = 20;
/** As long as OpenAI promises to keep them. */
const STORED_S = 30 * 86_400;

interface ResponsesOptions {
  database: Database;
  stores: VectorStores;
  search: Search;
  answerer: Omit<Answerer, 'nowMs' | 'storeSeqs'>;
  nowMs: () => number;
  newId: (prefix: string) => string;
}

/** `/responses`: one turn of a conversation, streamed or whole. Both are the same events. */
export function createResponses(options: ResponsesOptions): Route[] {
  const { database, stores, search, answerer, nowMs, newId } = options;
  const nowS = () => Math.floor(nowMs() / 1000);

  const store = (response: ResponseObject) => {
    database.run('DELETE FROM responses WHERE created_at < ?', nowS() - STORED_S);
    database.run(
      'INSERT INTO responses (id, created_at, body) VALUES (?, ?, ?)',
      response.id,
      response.created_at,
      JSON.stringify(response),
    );
  };

  const getStored = (id: string): object => {
    const row = database.get<{ body: string }>('SELECT body FROM responses WHERE id = ?', id);
    if (!row) throw notFound('response', id);
    return JSON.parse(row.body) as object;
  };

  const openFileSearch = async (tool: FileSearchTool | undefined, queries: string[]) => {
    const storeSeqs = tool ? openForSearch(stores, tool.vector_store_ids) : [];
    const meanings = await search.readMeanings(queries, storeSeqs);
    return (query: string): Passage[] =>
      search.find({
        storeSeqs,
        query,
        meaning: meanings.get(query),
        filter: tool?.filters ?? undefined,
        limit: tool?.max_num_results ?? RESULTS_DEFAULT,
        scoreThreshold: tool?.ranking_options?.score_threshold ?? 0,
      });
  };

  const run = async (request: ResponseRequest): Promise<Generator<ResponseEvent>> => {
    const conversation = readConversation(request);
    const searched = request.tools.find((tool) => tool.type === 'file_search');
    const storeSeqs = searched ? openForSearch(stores, searched.vector_store_ids) : [];
    const turn = answerTurn({ request, conversation }, { ...answerer, nowMs, storeSeqs });
    const fileSearch = await openFileSearch(
      request.tools.find((tool) => tool.type === 'file_search'),
      turn.queries,
    );
    const state: ResponseState = {
      id: newId('resp_'),
      createdAt: nowS(),
      status: 'in_progress',
      completedAt: null,
      output: [],
    };
    return numberEvents(turnEvents({ request, turn, fileSearch, state, nowS, newId, store }));
  };

  return [
    {
      method: 'POST',
      path: '/responses',
      answer: async (call) => {
        const request = parseInput(responseRequest, await call.json());
        if (request.model !== MODEL_ID) {
          throw new ApiError(404, `The model '${request.model}' does not exist.`, {
            param: 'model',
            code: 'model_not_found',
          });
        }
        const events = await run(request);
        if (!request.stream) return lastResponse(events);
        return new Response(toEventStream(events, call.signal), {
          headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
        });
      },
    },
    { method: 'GET', path: '/responses/:response_id', answer: (call) => getStored(call.param('response_id')) },
    {
      method: 'DELETE',
      path: '/responses/:response_id',
      answer: (call) => {
        const id = call.param('response_id');
        const { changes } = database.run('DELETE FROM responses WHERE id = ?', id);
        if (changes === 0) throw notFound('response', id);
        return { id, object: 'response' as const, deleted: true };
      },
    },
  ];
}

function lastResponse(events: Generator<ResponseEvent>): ResponseObject {
  let last: ResponseObject | undefined;
  for (const event of events) {
    if ('response' in event) last = event.response;
  }
  if (!last) throw new Error('a turn ended without a response');
  return last;
}

interface TurnRun {
  request: ResponseRequest;
  turn: Turn;
  fileSearch: (query: string) => Passage[];
  state: ResponseState;
  nowS: () => number;
  newId: (prefix: string) => string;
  store: (response: ResponseObject) => void;
}

/** The whole turn as events, in the order OpenAI sends them; the search and the wording happen on the way. */
function* turnEvents(run: TurnRun): Generator<ResponseEventBody> {
  const { request, turn, state, newId } = run;
  yield { type: 'response.created', response: toResponse(request, state) };
  yield { type: 'response.in_progress', response: toResponse(request, state) };

  const found = turn.queries.length > 0 ? yield* searchEvents(run) : [];

  for (const call of turn.calls) {
    const item = {
      type: 'function_call' as const,
      id: newId('fc_'),
      call_id: newId('call_'),
      status: 'completed' as const,
      ...call,
    };
    yield* functionCallEvents(item, state.output.length);
    state.output.push(item);
  }
  const isCut = turn.calls.length === 0 && (yield* answerEvents(run, found));

  state.status = isCut ? 'incomplete' : 'completed';
  state.completedAt = isCut ? null : run.nowS();
  state.usage = countUsage(request, state.output, found.flat());
  const response = toResponse(request, state);
  if (request.store ?? true) run.store(response);
  yield { type: isCut ? 'response.incomplete' : 'response.completed', response };
}

/** One file_search call with a query for each thing asked; gives the passages of each. */
function* searchEvents({
  request,
  turn,
  fileSearch,
  state,
  newId,
}: TurnRun): Generator<ResponseEventBody, Passage[][]> {
  const outputIndex = state.output.length;
  const id = newId('fs_');
  const place = { output_index: outputIndex, item_id: id };
  const item = { type: 'file_search_call' as const, id, status: 'in_progress' as const, queries: [], results: null };
  yield { type: 'response.output_item.added', output_index: outputIndex, item };
  yield { type: 'response.file_search_call.in_progress', ...place };
  yield { type: 'response.file_search_call.searching', ...place };
  const found = turn.queries.map(fileSearch);
  yield { type: 'response.file_search_call.completed', ...place };
  const isIncluded = request.include?.includes('file_search_call.results') ?? false;
  const done: OutputItem = {
    ...item,
    status: 'completed',
    queries: turn.queries,
    results: isIncluded ? mergePassages(found.flat()).map(toSearchResult) : null,
  };
  state.output.push(done);
  yield { type: 'response.output_item.done', output_index: outputIndex, item: done };
  return found;
}

/** The message; tells whether `max_output_tokens` cut it. */
function* answerEvents(
  { request, turn, state, newId }: TurnRun,
  found: Passage[][],
): Generator<ResponseEventBody, boolean> {
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
  return isCut;
}

function countUsage(request: ResponseRequest, output: OutputItem[], passages: Passage[]) {
  const read = [JSON.stringify(request.input), request.instructions ?? '', JSON.stringify(request.tools)];
  const inputTokens = [...read, ...mergePassages(passages).map(passageText)].reduce(
    (sum, text) => sum + estimateTokens(text),
    0,
  );
  const outputTokens = output.reduce((sum, item) => sum + outputTokensOf(item), 0);
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

function outputTokensOf(item: OutputItem): number {
  if (item.type === 'message') return item.content.reduce((sum, { text }) => sum + estimateTokens(text), 0);
  return item.type === 'function_call' ? estimateTokens(item.name + item.arguments) : 0;
}
