import type { Collection } from './catalog.ts';
import type { Database } from './database.ts';
import { decode, type Document } from './document.ts';
import { asksNumberType, rememberBytes } from './number-types.ts';
import { holdsSlowPattern } from './pattern.ts';
import { planQuery } from './planner.ts';
import { compileFilter, type QueryScope } from './query.ts';
import type { StoredRecord } from './records.ts';
import { scanPlan } from './scan.ts';
import { sortBy, type SortField } from './sort.ts';

export interface ReadRequest {
  filter: Document;
  sort?: readonly SortField[];
  skip?: number;
  /** 0 or absent: no limit. */
  limit?: number;
  scope?: QueryScope;
}

/**
 * The matching documents in the order asked for. Reads on as it is asked, unless it must sort in memory. The filter is checked
 * at once, before the first document is asked for.
 */
export function readRecords(database: Database, collection: Collection, request: ReadRequest): Generator<StoredRecord> {
  const { filter, sort = [], skip = 0, limit = 0, scope } = request;
  const matches = compileFilter(filter, scope);
  if (holdsSlowPattern(filter)) database.requireReader();
  const isTyped = asksNumberType(filter);
  const plan = planQuery(collection, filter, sort);
  const found = matching();
  return window(plan.isSorted ? found : sortedLater(), skip, limit);

  function* matching(): Generator<StoredRecord> {
    for (const { rid, raw } of scanPlan(database, collection, plan)) {
      const document = isTyped ? rememberBytes(decode(raw), raw) : decode(raw);
      if (matches(document)) yield { rid, raw, document };
    }
  }

  function* sortedLater(): Generator<StoredRecord> {
    yield* sortBy([...found], sort, (record) => record.document);
  }
}

function* window<Item>(items: Iterable<Item>, skip: number, limit: number): Generator<Item> {
  let position = 0;
  for (const item of items) {
    if (position++ < skip) continue;
    yield item;
    if (limit > 0 && position >= skip + limit) return;
  }
}
