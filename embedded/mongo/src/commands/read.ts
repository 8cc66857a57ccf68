import { decode, type Document, encode, RawDocument } from '../document.ts';
import { encodeWithRaw } from '../document.ts';
import { MongoServerError } from '../errors.ts';
import { requireNoExact } from '../exact-values.ts';
import type { CursorReply } from '../cursors.ts';
import type { Engine } from '../engine.ts';
import { ReaderNeededError } from '../reader.ts';
import { encodeKey } from '../key-encoding.ts';
import { leavesAt } from '../paths.ts';
import { compileProjection } from '../projection.ts';
import { evaluateLet, compileFilter } from '../query.ts';
import type { Plan } from '../planner.ts';
import { readRecords } from '../read.ts';
import { scanPlan } from '../scan.ts';
import { parseSort } from '../sort.ts';
import {
  collectionNameOf,
  type Command,
  type CommandRequest,
  findArray,
  findCount,
  findDocument,
  findNumber,
  getLong,
} from './command.ts';

export function cursorAnswer({ id, ns, batch }: CursorReply, batchName: 'firstBatch' | 'nextBatch'): Document {
  return { cursor: new RawDocument(encodeWithRaw({ [batchName]: batch, id, ns })) };
}

function find(request: CommandRequest): Document {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  const filter = findDocument(body, 'filter') ?? {};
  const scope = evaluateLet(findDocument(body, 'let'));
  const project = compileProjection(findDocument(body, 'projection') ?? {}, filter, scope);
  const sort = parseSort(findDocument(body, 'sort') ?? {});
  const limit = findNumber(body, 'limit') ?? 0;
  // A negative limit is the old way to ask for a single batch.
  const isSingleBatch = body['singleBatch'] === true || limit < 0;
  const collection = engine.catalog.find(db, name);
  if (!collection) compileFilter(filter, scope);
  const records = collection
    ? readRecords(engine.database, collection, {
        filter,
        sort,
        skip: findCount(body, 'skip') ?? 0,
        limit: Math.abs(limit),
        scope,
      })
    : [].values();
  const items = records.map(({ raw }) => project(raw));
  return cursorAnswer(
    openCursor(engine, `${db}.${name}`, items, findCount(body, 'batchSize'), isSingleBatch),
    'firstBatch',
  );
}

/** A cursor that stays open is the reader's, where there is one: what it still has to read may be long. */
export function openCursor(
  { cursors, reader }: Engine,
  namespace: string,
  items: Iterator<Uint8Array>,
  batchSize: number | undefined,
  isSingleBatch: boolean,
): CursorReply {
  const reply = cursors.open(namespace, items, batchSize, isSingleBatch);
  if (reader === undefined || reply.id.isZero()) return reply;
  cursors.kill(reply.id);
  throw new ReaderNeededError();
}

function getMore({ engine, db, body }: CommandRequest): Document {
  const namespace = `${db}.${String(body['collection'])}`;
  const id = getLong(body['getMore'], 'getMore');
  if (engine.reader !== undefined && !engine.cursors.has(id)) throw new ReaderNeededError();
  return cursorAnswer(engine.cursors.more(id, namespace, findCount(body, 'batchSize')), 'nextBatch');
}

function killCursors({ engine, body }: CommandRequest): Document {
  const ids = (findArray(body, 'cursors') ?? []).map((id) => getLong(id, 'cursors'));
  if (engine.reader !== undefined && !ids.some((id) => engine.cursors.has(id))) throw new ReaderNeededError();
  const cursorsKilled = ids.filter((id) => engine.cursors.kill(id));
  return {
    cursorsKilled,
    cursorsNotFound: ids.filter((id) => !cursorsKilled.includes(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
  };
}

function count(request: CommandRequest): Document {
  const { engine, db, body } = request;
  const filter = findDocument(body, 'query') ?? {};
  const collection = engine.catalog.find(db, collectionNameOf(request));
  const skip = findCount(body, 'skip') ?? 0;
  const limit = Math.abs(findNumber(body, 'limit') ?? 0);
  if (!collection) return { n: 0 };
  if (Object.keys(filter).length === 0) {
    const all = Number(engine.database.prepare(`SELECT count(*) AS n FROM ${collection.table} `).get()?.['n']);
    const rest = Math.max(all - skip, 0);
    return { n: limit > 0 ? Math.min(rest, limit) : rest };
  }
  return { n: readRecords(engine.database, collection, { filter, skip, limit }).reduce((sum) => sum + 1, 0) };
}

function distinct(request: CommandRequest): Document {
  const { engine, db, body } = request;
  const path = body['key'];
  if (typeof path !== 'string')
    throw new MongoServerError('TypeMismatch', "BSON field 'distinct.key' must be a string");
  const filter = findDocument(body, 'query') ?? {};
  const collection = engine.catalog.find(db, collectionNameOf(request));
  const values = new Map<string, unknown>();
  for (const { document } of collection ? readRecords(engine.database, collection, { filter }) : []) {
    for (const value of leavesAt(document, path).flat()) {
      if (value === undefined) continue;
      const key = Buffer.from(encodeKey(value)).toString('latin1');
      if (!values.has(key)) values.set(key, value);
    }
  }
  return { values: [...values.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value) };
}

/** Hands out whole documents, for listIndexes and its like. */
export function listAnswer(
  { engine, db }: CommandRequest,
  name: string,
  documents: Document[],
  body: Document,
): Document {
  const batchSize = findCount(findDocument(body, 'cursor') ?? {}, 'batchSize');
  const items = documents.values().map((document) => encode(document));
  return cursorAnswer(engine.cursors.open(`${db}.${name}`, items, batchSize, false), 'firstBatch');
}

/** All documents of another collection, for $lookup. */
export function readWholeCollection({ engine, db }: CommandRequest, name: string): Document[] {
  const collection = engine.catalog.find(db, name);
  if (!collection) return [];
  const whole: Plan = { kind: 'collection', isSorted: true };
  return [...scanPlan(engine.database, collection, whole)].map(({ raw }) => {
    const document = decode(raw);
    requireNoExact(document);
    return document;
  });
}

export const readCommands: Record<string, Command> = {
  find: {
    fields: [
      'filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch', 'let', 'allowDiskUse', 'noCursorTimeout',
      'allowPartialResults',
    ], // prettier-ignore
    run: find,
  },
  getMore: { fields: ['collection', 'batchSize'], run: getMore },
  killCursors: { fields: ['cursors'], run: killCursors },
  count: { fields: ['query', 'skip', 'limit', 'fields'], run: count },
  distinct: { fields: ['key', 'query'], run: distinct },
};
