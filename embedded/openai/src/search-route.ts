import { z } from 'zod';
import { ApiError, parseInput } from './api-error.ts';
import { attributeFilter } from './filters.ts';
import type { Route } from './router.ts';
import { type Passage, type Search, passageText } from './search.ts';
import type { VectorStores } from './vector-stores.ts';

const query = z.string().min(1).max(10_000);

export const rankingOptions = z.strictObject({
  ranker: z.enum(['none', 'auto', 'default-2024-11-15']).optional(),
  score_threshold: z.number().min(0).max(1).optional(),
  hybrid_search: z.strictObject({ embedding_weight: z.number(), text_weight: z.number() }).optional(),
});

const searchRequest = z.strictObject({
  query: z.union([query, z.array(query).min(1).max(20)]),
  rewrite_query: z.boolean().optional(),
  max_num_results: z.number().int().min(1).max(50).default(10),
  filters: attributeFilter.nullish(),
  ranking_options: rankingOptions.optional(),
});

/** `POST /vector_stores/{id}/search`. Several queries give one list: each passage once, with its best score. */
export function searchRoute({ stores, search }: { stores: VectorStores; search: Search }): Route {
  return {
    method: 'POST',
    path: '/vector_stores/:store_id/search',
    answer: async (call) => {
      const input = parseInput(searchRequest, await call.json());
      const storeSeqs = openForSearch(stores, [call.param('store_id')]);
      const queries = [input.query].flat();
      const meanings = await search.readMeanings(queries, storeSeqs);
      const found = queries.flatMap((text) =>
        search.find({
          storeSeqs,
          query: text,
          meaning: meanings.get(text),
          filter: input.filters ?? undefined,
          limit: input.max_num_results,
          scoreThreshold: input.ranking_options?.score_threshold ?? 0,
        }),
      );
      return {
        object: 'vector_store.search_results.page',
        search_query: queries,
        data: mergePassages(found).slice(0, input.max_num_results).map(toResult),
        has_more: false,
        next_page: null,
      };
    },
  };
}

/**
 * The `seq` of each store, which counts as used from now.
 * @throws ApiError 404 for an unknown store, 400 for an expired one
 */
export function openForSearch(stores: VectorStores, ids: string[]): number[] {
  return ids.map((id) => {
    const store = stores.getStore(id);
    if (stores.isExpired(store)) throw new ApiError(400, `The vector store '${id}' is expired.`);
    stores.touch(store);
    return store.seq;
  });
}

/** Each passage once, the best score first. */
export function mergePassages(passages: Passage[]): Passage[] {
  const best = new Map<number, Passage>();
  for (const passage of passages) {
    const known = best.get(passage.chunkId);
    if (!known || known.score < passage.score) best.set(passage.chunkId, passage);
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.chunkId - b.chunkId);
}

function toResult(passage: Passage) {
  return {
    file_id: passage.fileId,
    filename: passage.filename,
    score: passage.score,
    attributes: passage.attributes,
    content: [{ type: 'text' as const, text: passageText(passage) }],
  };
}
