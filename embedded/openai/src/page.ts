import { z } from 'zod';
import { parseInput } from './api-error.ts';

interface Limits {
  default: number;
  max: number;
}

export interface PageRequest {
  limit: number;
  order: 'asc' | 'desc';
  after?: string | undefined;
  before?: string | undefined;
}

/**
 * Reads `limit`, `order`, `after`, `before` and the endpoint's own query parameters.
 * @throws ApiError 400 naming the parameter
 */
export function parsePage<Shape extends z.ZodRawShape>(query: Record<string, string>, limits: Limits, own: Shape) {
  const base = z.strictObject({
    limit: z.coerce.number().int().min(1).max(limits.max).default(limits.default),
    order: z.enum(['asc', 'desc']).default('desc'),
    after: z.string().optional(),
    before: z.string().optional(),
  });
  return parseInput(base.extend(own), query);
}

interface Cursors {
  /** SQL name of the column that orders the list. */
  column: string;
  page: PageRequest;
  /** @throws ApiError 404 when the cursor names nothing */
  getSeq: (id: string) => number;
}

/** The end of a list's SELECT (cursor, order, one row more than asked for) and its values. */
export function cursorClause({ column, page, getSeq }: Cursors): { sql: string; values: number[] } {
  const isAscending = page.order === 'asc';
  const conditions: string[] = [];
  const values: number[] = [];
  if (page.after !== undefined) {
    conditions.push(`AND ${column} ${isAscending ? '>' : '<'} ?`);
    values.push(getSeq(page.after));
  }
  if (page.before !== undefined) {
    conditions.push(`AND ${column} ${isAscending ? '<' : '>'} ?`);
    values.push(getSeq(page.before));
  }
  const sql = `${conditions.join(' ')} ORDER BY ${column} ${isAscending ? 'ASC' : 'DESC'} LIMIT ?`;
  return { sql, values: [...values, page.limit + 1] };
}

/** OpenAI's list object. `first_id` and `last_id` are strings in its schema, so an empty list has empty ones. */
export function toList<Item extends { id: string }>(items: Item[], limit: number) {
  const data = items.slice(0, limit);
  return {
    object: 'list' as const,
    data,
    first_id: data[0]?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: items.length > limit,
  };
}
