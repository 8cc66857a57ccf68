import type { SQLInputValue } from 'node:sqlite';
import { z } from 'zod';

const DEPTH_MAX = 8;
const CONDITIONS_MAX = 100;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const key = z.string().min(1).max(64);

const comparison = z.union([
  z.strictObject({ type: z.enum(['eq', 'ne', 'gt', 'gte', 'lt', 'lte']), key, value: scalar }),
  z.strictObject({ type: z.enum(['in', 'nin']), key, value: z.array(z.union([z.string(), z.number()])).max(1000) }),
]);

type Comparison = z.infer<typeof comparison>;
type Compound = { type: 'and' | 'or'; filters: AttributeFilter[] };
export type AttributeFilter = Comparison | Compound;

const nested: z.ZodType<AttributeFilter> = z.lazy(() =>
  z.union([
    comparison,
    z.strictObject({ type: z.enum(['and', 'or']), filters: z.array(nested).min(1).max(CONDITIONS_MAX) }),
  ]),
);

/** OpenAI's ComparisonFilter and CompoundFilter, bounded so that the SQL made of them is. */
export const attributeFilter = nested
  .refine((filter) => depthOf(filter) <= DEPTH_MAX, `nest filters at most ${DEPTH_MAX} deep`)
  .refine((filter) => countOf(filter) <= CONDITIONS_MAX, `give at most ${CONDITIONS_MAX} conditions`);

function depthOf(filter: AttributeFilter): number {
  return 'filters' in filter ? 1 + Math.max(...filter.filters.map(depthOf)) : 1;
}

function countOf(filter: AttributeFilter): number {
  return 'filters' in filter ? filter.filters.reduce((sum, part) => sum + countOf(part), 0) : 1;
}

interface Condition {
  sql: string;
  values: SQLInputValue[];
}

/**
 * A filter as an SQL condition on the JSON column `attributes`. Values compare within their type only: the number 1 is
 * neither "1" nor true. `ne` and `nin` are the negations of `eq` and `in`, so a file without the key passes them.
 */
export function toCondition(filter: AttributeFilter, column: string): Condition {
  if ('filters' in filter) {
    const parts = filter.filters.map((part) => toCondition(part, column));
    const sql = parts.map((part) => part.sql).join(filter.type === 'and' ? ' AND ' : ' OR ');
    return { sql: `(${sql})`, values: parts.flatMap((part) => part.values) };
  }
  switch (filter.type) {
    case 'in':
    case 'nin':
      return membership(filter.type === 'nin', column, filter.key, filter.value);
    case 'ne': {
      const { sql, values } = compare('=', column, filter.key, filter.value);
      return { sql: `NOT ${sql}`, values };
    }
    default:
      return compare(OPERATORS[filter.type], column, filter.key, filter.value);
  }
}

const OPERATORS = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

function compare(operator: string, column: string, key: string, value: string | number | boolean): Condition {
  const types = { string: `('text')`, number: `('integer', 'real')`, boolean: `('true', 'false')` };
  const type = types[typeof value as keyof typeof types];
  return {
    sql: `EXISTS (SELECT 1 FROM json_each(${column}) AS a WHERE a.key = ? AND a.type IN ${type} AND a.value ${operator} ?)`,
    values: [key, typeof value === 'boolean' ? Number(value) : value],
  };
}

function membership(isNegated: boolean, column: string, key: string, members: (string | number)[]): Condition {
  const sql = `EXISTS (SELECT 1 FROM json_each(${column}) AS a JOIN json_each(?) AS m WHERE a.key = ? AND a.value = m.value
    AND a.type IN ('text', 'integer', 'real') AND (a.type = 'text') = (m.type = 'text'))`;
  return { sql: isNegated ? `NOT ${sql}` : sql, values: [JSON.stringify(members), key] };
}
