import type { SQLInputValue } from 'node:sqlite';
import type { Collection } from './catalog.ts';
import type { Database } from './database.ts';
import { MongoServerError } from './errors.ts';
import type { KeyRange, Plan } from './planner.ts';

export interface ScannedRow {
  rid: number;
  raw: Uint8Array;
}

const firstPageRows = 16;
const pageRowsMax = 512;

/**
 * Reads the candidates of a plan in pages, each a statement of its own: between two pages nothing is held open, so a cursor may
 * rest for minutes, and goes on after the last key it saw, like MongoDB's.
 */
export function* scanPlan(database: Database, collection: Collection, plan: Plan): Generator<ScannedRow> {
  if (plan.kind === 'collection') return yield* scanTable(database, collection);
  const plans = plan.kind === 'union' ? plan.plans : [plan];
  const mayRepeat = plans.length > 1 || plans.some((each) => each.mayRepeat);
  const seen = mayRepeat ? new Set<number>() : undefined;
  for (const { table, ranges, isPoint, isReverse } of plans) {
    const source = sourceOf(collection, table);
    for (const range of ranges) {
      const rows = isPoint ? findPoint(database, source, range) : scanRange(database, source, range, isReverse);
      for (const row of rows) {
        if (seen?.has(row.rid)) continue;
        seen?.add(row.rid);
        yield row;
      }
    }
  }
}

function* scanTable(database: Database, { table }: Collection): Generator<ScannedRow> {
  const sql = `SELECT rid, doc FROM ${table} WHERE rid > ? ORDER BY rid LIMIT ?`;
  let after = 0;
  for (let limit = firstPageRows; ; limit = Math.min(limit * 4, pageRowsMax)) {
    const rows = allRows(database, sql, [after, limit]);
    for (const row of rows) yield { rid: row['rid'] as number, raw: row['doc'] as Uint8Array };
    if (rows.length < limit) return;
    after = rows.at(-1)?.['rid'] as number;
  }
}

interface Source {
  from: string;
  key: string;
  rid: string;
  doc: string;
}

function sourceOf({ table }: Collection, indexTable: string): Source {
  if (indexTable === table) return { from: `${table} `, key: 'id', rid: 'rid', doc: 'doc' };
  return {
    from: `${indexTable} AS i CROSS JOIN ${table} AS c ON c.rid = i.rid`,
    key: 'i.key',
    rid: 'i.rid',
    doc: 'c.doc',
  };
}

function findPoint(database: Database, { from, key, rid, doc }: Source, { low }: KeyRange): ScannedRow[] {
  const rows = allRows(database, `SELECT ${rid} AS rid, ${doc} AS doc FROM ${from} WHERE ${key} = ?`, [low]);
  return rows.map((row) => ({ rid: row['rid'] as number, raw: row['doc'] as Uint8Array }));
}

function* scanRange(database: Database, source: Source, range: KeyRange, isReverse: boolean): Generator<ScannedRow> {
  const { key, rid, doc } = source;
  const bounds = [`${key} >= ?`, ...(range.high ? [`${key} < ?`] : [])];
  const values: SQLInputValue[] = [range.low, ...(range.high ? [range.high] : [])];
  const direction = isReverse ? 'DESC' : 'ASC';
  const select = (conditions: string[]) =>
    `SELECT ${key} AS key, ${rid} AS rid, ${doc} AS doc FROM ${source.from} WHERE ${conditions.join(' AND ')} ORDER BY ${key} ${direction}, ${rid} ${direction} LIMIT ?`;
  const further = [...bounds, `(${key}, ${rid}) ${isReverse ? '<' : '>'} (?, ?)`];
  let after: SQLInputValue[] = [];
  for (let limit = firstPageRows; ; limit = Math.min(limit * 4, pageRowsMax)) {
    const rows = allRows(database, select(after.length > 0 ? further : bounds), [...values, ...after, limit]);
    for (const row of rows) yield { rid: row['rid'] as number, raw: row['doc'] as Uint8Array };
    const last = rows.at(-1);
    if (!last || rows.length < limit) return;
    after = [last['key'] as Uint8Array, last['rid'] as number];
  }
}

function allRows(database: Database, sql: string, values: SQLInputValue[]) {
  try {
    const rows = database.prepare(sql).all(...values);
    database.countRows(rows.length);
    return rows;
  } catch (error) {
    if (Error.isError(error) && error.message.startsWith('no such table')) {
      throw new MongoServerError('QueryPlanKilled', 'query plan killed :: the collection or index was dropped');
    }
    throw error;
  }
}
