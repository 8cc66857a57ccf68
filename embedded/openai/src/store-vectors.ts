import { CHUNK_ID_BITS, type Database } from './database.ts';
import { type Cloud, createCloud, type Direction } from './similarity.ts';

/** Half a kilobyte for each chunk. */
const KEPT_MAX = 8;
/** How many vectors' weight the ordinary direction has in a centre. */
const ORDINARY_WEIGHT = 4;

export interface StoreVectors {
  chunkIds: number[];
  /** Where in `chunkIds` a chunk stands. */
  places: Map<number, number>;
  cloud: Cloud;
}

/** The vectors of stores, kept in memory for as long as no process changes any. */
export function createStoreVectors(database: Database) {
  const kept = new Map<string, StoreVectors>();
  let keptAtCount: number | undefined;

  const load = (stores: string, ordinary: Direction): StoreVectors => {
    const rows = database.all<{ id: number; vector: Uint8Array }>(
      `SELECT v.chunk_id AS id, v.vector FROM store_files AS sf JOIN chunk_vectors AS v
         ON v.chunk_id >= (sf.seq << ${CHUNK_ID_BITS}) AND v.chunk_id < ((sf.seq + 1) << ${CHUNK_ID_BITS})
       WHERE sf.store_seq IN (SELECT value FROM json_each(?)) AND length(v.vector) > 0`,
      stores,
    );
    const chunkIds = rows.map(({ id }) => id);
    const vectors = rows.map(({ vector }) => vector);
    return {
      chunkIds,
      places: new Map(chunkIds.map((id, at) => [id, at])),
      cloud: createCloud(vectors, { beside: ordinary, besideWeight: ORDINARY_WEIGHT }),
    };
  };

  /** @param ordinary what any sentence says: it stands beside the store's own vectors in their centre */
  const read = (storeSeqs: number[], ordinary: Direction): StoreVectors => {
    const count = database.get<{ count: number }>('SELECT count FROM vector_changes')?.count;
    if (count !== keptAtCount) kept.clear();
    keptAtCount = count;
    const stores = JSON.stringify(storeSeqs);
    const found = kept.get(stores) ?? load(stores, ordinary);
    kept.delete(stores);
    kept.set(stores, found);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return found;
  };

  return { read };
}
