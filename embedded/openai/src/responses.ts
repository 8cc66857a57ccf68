import type { Answerer } from './answer/answer-turn.ts';
import { readConversation } from './answer/conversation.ts';
import type { Answering, TurnRun } from './answering.ts';
import { notFound, parseInput } from './api-error.ts';
import type { Database } from './database.ts';
import { openFileSearch, searchEvents } from './file-search.ts';
import { EXTRACTIVE_MODEL, requireModel } from './models.ts';
import { numberEvents, type ResponseEvent, type ResponseEventBody, toEventStream } from './response-events.ts';
import { type ResponseObject, type ResponseState, toResponse } from './response-object.ts';
import { responseRequest, type ResponseRequest } from './response-request.ts';
import type { Route } from './router.ts';
import { answerByRules } from './rule-answering.ts';
import type { Passage, Search } from './search.ts';
import { openForSearch } from './search-route.ts';
import { estimateUsage } from './usage.ts';
import type { VectorStores } from './vector-stores.ts';
import { answerByWriter } from './writer/answer-by-writer.ts';
import type { ChatServer } from './writer/stream-chat.ts';

/** As long as OpenAI promises to keep them. */
const STORED_S = 30 * 86_400;

interface ResponsesOptions {
  database: Database;
  stores: VectorStores;
  search: Search;
  answerer: Omit<Answerer, 'nowMs' | 'storeSeqs'>;
  /** Writes the answers; absent: they are made by rules. */
  writer: ChatServer | undefined;
  nowMs: () => number;
  newId: (prefix: string) => string;
}

/** `/responses`: one turn of a conversation, streamed or whole. Both are the same events. */
export function createResponses(options: ResponsesOptions): Route[] {
  const { database, stores, search, answerer, writer, nowMs, newId } = options;
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

  const run = async (request: ResponseRequest, signal: AbortSignal): Promise<AsyncGenerator<ResponseEvent>> => {
    const conversation = readConversation(request);
    const tool = request.tools.find((tool) => tool.type === 'file_search');
    const storeSeqs = tool ? openForSearch(stores, tool.vector_store_ids) : [];
    const answering = writer
      ? answerByWriter(request, conversation, writer)
      : answerByRules(request, conversation, { ...answerer, nowMs, storeSeqs });
    const find = await openFileSearch(search, storeSeqs, tool, answering.queries);
    const state: ResponseState = { id: newId('resp_'), createdAt: nowS(), status: 'in_progress', output: [] };
    return numberEvents(turnEvents({ request, state, newId, signal }, answering, { find, nowS, store }));
  };

  return [
    {
      method: 'POST',
      path: '/responses',
      answer: async (call) => {
        const request = parseInput(responseRequest, await call.json());
        requireModel(request.model, writer?.model ?? EXTRACTIVE_MODEL);
        const ended = new AbortController();
        const events = await run(request, AbortSignal.any([call.signal, ended.signal]));
        if (!request.stream) return lastResponse(events);
        return new Response(toEventStream(events, call.signal, ended), {
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

async function lastResponse(events: AsyncGenerator<ResponseEvent>): Promise<ResponseObject> {
  let last: ResponseObject | undefined;
  for await (const event of events) {
    if ('response' in event) last = event.response;
  }
  if (!last) throw new Error('a turn ended without a response');
  return last;
}

interface Surroundings {
  find: (query: string) => Passage[];
  nowS: () => number;
  store: (response: ResponseObject) => void;
}

/** The whole turn as events, in the order OpenAI sends them; the search and the answer happen on the way. */
async function* turnEvents(
  run: TurnRun,
  answering: Answering,
  { find, nowS, store }: Surroundings,
): AsyncGenerator<ResponseEventBody> {
  const { request, state } = run;
  yield { type: 'response.created', response: toResponse(request, state) };
  yield { type: 'response.in_progress', response: toResponse(request, state) };
  const found = answering.queries.length > 0 ? yield* searchEvents(run, answering, find) : [];
  const ending = yield* answering.respond(run, found);
  Object.assign(state, ending);
  if (ending.status === 'completed') state.completedAt = nowS();
  if (ending.status !== 'failed') state.usage ??= estimateUsage(request, state.output, found.flat());
  const response = toResponse(request, state);
  if (request.store ?? true) store(response);
  yield { type: `response.${ending.status}`, response };
}
