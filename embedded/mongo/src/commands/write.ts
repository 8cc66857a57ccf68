import type { Collection } from '../catalog.ts';
import { decode, decodeKeepingRaw, decodeTyped, type Document, encode, isDocument } from '../document.ts';
import { ensureCollection, type Engine } from '../engine.ts';
import { MongoServerError, refuseFeature } from '../errors.ts';
import { evaluateLet, type QueryScope } from '../query.ts';
import { readRecords } from '../read.ts';
import { parseSort, type SortField } from '../sort.ts';
import { type CompiledUpdate, compileUpdate } from '../update.ts';
import type { StoredRecord } from '../records.ts';
import { documentToUpsert, withId } from '../upsert.ts';
import { collectionNameOf, type Command, type CommandRequest, findArray, findDocument, findFlag } from './command.ts';
import { runStatements } from './write-errors.ts';

function insert(request: CommandRequest): Promise<Document> {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  const documents = statementsOf(body, 'documents');
  return engine.writes.run(() => {
    const collection = ensureCollection(engine, db, name);
    let n = 0;
    const errors = runStatements(documents, isOrdered(body), (raw) => {
      insertDocument(engine, collection, raw);
      n++;
    });
    return { n, ...errors };
  });
}

function insertDocument({ records }: Engine, collection: Collection, raw: Uint8Array) {
  let document = decode(raw);
  if (Object.keys(document)[0] !== '_id') {
    raw = encode(withId(decodeTyped(raw)));
    document = decode(raw);
  }
  checkId(document['_id']);
  records.insert(collection, raw, document);
}

function checkId(id: unknown) {
  if (id === undefined || Array.isArray(id) || id instanceof RegExp) {
    throw new MongoServerError('InvalidIdField', "The '_id' value cannot be of this type");
  }
  if (!isDocument(id)) return;
  const dollar = Object.keys(id).find((key) => key.startsWith('$'));
  if (dollar)
    throw new MongoServerError(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    );
}

interface UpdateStatement {
  filter: Document;
  typedFilter: Document;
  update: CompiledUpdate;
  isMulti: boolean;
  isUpsert: boolean;
  sort: SortField[];
  scope: QueryScope;
}

const updateFields = new Set(['q', 'u', 'multi', 'upsert', 'arrayFilters', 'sort', 'c']);

function parseUpdate(raw: Uint8Array, body: Document): UpdateStatement {
  const statement = decodeKeepingRaw(raw, ['u', 'q']);
  refuseUnknown(statement, updateFields, 'update.updates');
  if ('c' in statement) refuseFeature('constants (c) of an update');
  const rawFilter = statement['q'] as Uint8Array;
  const scope = evaluateLet(findDocument(body, 'let'));
  const filter = decode(rawFilter);
  const update = compileUpdate({
    update: decodeUpdate(statement['u']),
    arrayFilters: (findArray(statement, 'arrayFilters') ?? []) as Document[],
    scope,
  });
  const isMulti = findFlag(statement, 'multi') ?? false;
  if (isMulti && update.isReplacement) {
    throw new MongoServerError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  const sort = parseSort(findDocument(statement, 'sort') ?? {});
  if (isMulti && sort.length > 0) throw new MongoServerError('FailedToParse', 'Cannot specify sort with multi=true');
  return {
    filter,
    typedFilter: decodeTyped(rawFilter),
    update,
    isMulti,
    isUpsert: findFlag(statement, 'upsert') ?? false,
    sort,
    scope,
  };
}

/** @param raw a document, or a pipeline as an array of documents. */
export function decodeUpdate(raw: unknown): Document | Document[] {
  if (Array.isArray(raw)) return raw.map((stage) => decodeTyped(stage as Uint8Array));
  if (ArrayBuffer.isView(raw)) return decodeTyped(raw as Uint8Array);
  throw new MongoServerError('FailedToParse', 'Update argument must be either an object or an array');
}

function update(request: CommandRequest): Promise<Document> {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  const statements = statementsOf(body, 'updates');
  return engine.writes.run(() => {
    let n = 0;
    let nModified = 0;
    const upserted: Document[] = [];
    const errors = runStatements(statements, isOrdered(body), (raw, index) => {
      const statement = parseUpdate(raw, body);
      const result = runUpdate(engine, db, name, statement);
      n += result.matched;
      nModified += result.modified;
      if (result.upserted) {
        n++;
        upserted.push({ index, _id: result.upserted['_id'] });
      }
    });
    return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors };
  });
}

function runUpdate(engine: Engine, db: string, name: string, statement: UpdateStatement) {
  const { filter, typedFilter, update, isMulti, isUpsert, sort, scope } = statement;
  const now = new Date();
  const collection = isUpsert ? ensureCollection(engine, db, name) : engine.catalog.find(db, name);
  const found = collection
    ? [...readRecords(engine.database, collection, { filter, sort, limit: isMulti ? 0 : 1, scope })]
    : [];
  let modified = 0;
  for (const record of found) {
    if (collection && applyUpdate(engine, collection, record, update, filter, now)) modified++;
  }
  const upserted =
    found.length === 0 && collection && isUpsert
      ? upsert(engine, collection, { typedFilter, filter, update, now })
      : undefined;
  return { matched: found.length, modified, upserted };
}

/** Gives the document as stored now, or undefined if the update changed nothing. */
export function applyUpdate(
  engine: Engine,
  collection: Collection,
  record: StoredRecord,
  update: CompiledUpdate,
  filter: Document,
  now: Date,
): Uint8Array | undefined {
  const raw = encode(update({ typed: decodeTyped(record.raw), filter, isInsert: false, now }));
  if (Buffer.compare(raw, record.raw) === 0) return undefined;
  engine.records.replace(collection, record, raw, decode(raw));
  return raw;
}

/** Gives the typed document that was inserted. */
export function upsert(
  engine: Engine,
  collection: Collection,
  request: Parameters<typeof documentToUpsert>[0],
): Document {
  const typed = documentToUpsert(request);
  checkId(typed['_id']);
  const raw = encode(typed);
  engine.records.insert(collection, raw, decode(raw));
  return typed;
}

const deleteFields = new Set(['q', 'limit']);

function deleteMatching(request: CommandRequest): Promise<Document> {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  const statements = statementsOf(body, 'deletes');
  const scope = evaluateLet(findDocument(body, 'let'));
  return engine.writes.run(() => {
    let n = 0;
    const errors = runStatements(statements, isOrdered(body), (raw) => {
      const statement = decode(raw);
      refuseUnknown(statement, deleteFields, 'delete.deletes');
      const filter = getFilter(statement, 'delete.deletes');
      const collection = engine.catalog.find(db, name);
      const { limit } = statement;
      if (limit !== 0 && limit !== 1)
        throw new MongoServerError('FailedToParse', 'The limit field in delete objects must be 0 or 1');
      for (const record of collection ? [...readRecords(engine.database, collection, { filter, limit, scope })] : []) {
        if (collection) engine.records.remove(collection, record);
        n++;
      }
    });
    return { n, ...errors };
  });
}

function statementsOf(body: Document, field: string): Uint8Array[] {
  const statements = findArray(body, field) ?? [];
  if (statements.length === 0 || statements.length > 100_000) {
    throw new MongoServerError(
      'InvalidOptions',
      `Write batch sizes must be between 1 and 100000. Got ${statements.length} operations.`,
    );
  }
  return statements as Uint8Array[];
}

function getFilter(statement: Document, place: string): Document {
  const filter = findDocument(statement, 'q');
  if (filter) return filter;
  throw new MongoServerError('FailedToParse', `BSON field '${place}.q' is missing but a required field`);
}

function isOrdered(body: Document): boolean {
  return body['ordered'] !== false;
}

function refuseUnknown(statement: Document, known: ReadonlySet<string>, place: string) {
  for (const field of Object.keys(statement)) {
    if (known.has(field)) continue;
    if (field === 'collation' || field === 'hint') refuseFeature(field);
    throw new MongoServerError('UnknownField', `BSON field '${place}.${field}' is an unknown field.`);
  }
}

export const writeCommands: Record<string, Command> = {
  insert: { fields: ['documents', 'ordered', 'bypassDocumentValidation'], rawFields: ['documents'], run: insert },
  update: { fields: ['updates', 'ordered', 'let', 'bypassDocumentValidation'], rawFields: ['updates'], run: update },
  delete: { fields: ['deletes', 'ordered', 'let'], rawFields: ['deletes'], run: deleteMatching },
};
