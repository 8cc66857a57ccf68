import type { Answering, TurnRun } from './answering.ts';
import type { ResponseEventBody } from './response-events.ts';
import { type OutputItem, RESULTS_DEFAULT, toSearchResult } from './response-object.ts';
import type { FileSearchTool } from './response-request.ts';
import type { Passage, Search } from './search.ts';
import { mergePassages } from './search-route.ts';

/** The search that a `file_search` tool asks for; what the queries mean is read beforehand, as far as that can be told in time. */
export async function openFileSearch(
  search: Search,
  storeSeqs: number[],
  tool: FileSearchTool | undefined,
  queries: string[],
): Promise<(query: string) => Passage[]> {
  const meanings = await search.readMeanings(queries, storeSeqs);
  return (query) =>
    search.find({
      storeSeqs,
      query,
      meaning: meanings.get(query),
      filter: tool?.filters ?? undefined,
      limit: tool?.max_num_results ?? RESULTS_DEFAULT,
      scoreThreshold: tool?.ranking_options?.score_threshold ?? 0,
    });
}

/** One `file_search` call with all of the queries; gives what was found. */
export function* searchEvents(
  { request, state, newId }: TurnRun,
  { queries, search }: Answering,
  find: (query: string) => Passage[],
): Generator<ResponseEventBody, Passage[][]> {
  const outputIndex = state.output.length;
  const id = newId('fs_');
  const place = { output_index: outputIndex, item_id: id };
  const item = { type: 'file_search_call' as const, id, status: 'in_progress' as const, queries: [], results: null };
  yield { type: 'response.output_item.added', output_index: outputIndex, item };
  yield { type: 'response.file_search_call.in_progress', ...place };
  yield { type: 'response.file_search_call.searching', ...place };
  const found = search(find);
  yield { type: 'response.file_search_call.completed', ...place };
  const isIncluded = request.include?.includes('file_search_call.results') ?? false;
  const done: OutputItem = {
    ...item,
    status: 'completed',
    queries,
    results: isIncluded ? mergePassages(found.flat()).map(toSearchResult) : null,
  };
  state.output.push(done);
  yield { type: 'response.output_item.done', output_index: outputIndex, item: done };
  return found;
}
