import type { Collection } from '../catalog.ts';
import { decode, decodeTyped, type Document, encode, RawDocument } from '../document.ts';
import { ensureCollection } from '../engine.ts';
import { MongoServerError } from '../errors.ts';
import { compileProjection } from '../projection.ts';
import { evaluateLet } from '../query.ts';
import { readRecords } from '../read.ts';
import type { StoredRecord } from '../records.ts';
import { parseSort } from '../sort.ts';
import { compileUpdate } from '../update.ts';
import { collectionNameOf, type Command, type CommandRequest, findArray, findDocument, isSet } from './command.ts';
import { applyUpdate, decodeUpdate, upsert } from './write.ts';

function findAndModify(request: CommandRequest): Promise<Document> {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  const rawFilter = (body['query'] as Uint8Array | undefined) ?? encode({});
  const filter = decode(rawFilter);
  const scope = evaluateLet(findDocument(body, 'let'));
  const sort = parseSort(findDocument(body, 'sort') ?? {});
  const project = compileProjection(findDocument(body, 'fields') ?? {}, filter, scope);
  const change = isSet(body, 'remove') ? remove : updateWith(request, rawFilter, filter);
  return engine.writes.run(() => {
    const collection = isSet(body, 'upsert') ? ensureCollection(engine, db, name) : engine.catalog.find(db, name);
    const [found] = collection ? readRecords(engine.database, collection, { filter, sort, limit: 1, scope }) : [];
    const { value, ...lastErrorObject } = change(request, collection, found);
    return { lastErrorObject, value: value ? new RawDocument(project(value)) : null };
  });
}

interface Outcome {
  value: Uint8Array | undefined;
  n: number;
  updatedExisting?: boolean;
  upserted?: unknown;
}

type Change = (request: CommandRequest, collection: Collection | undefined, found: StoredRecord | undefined) => Outcome;

const remove: Change = ({ engine, body }, collection, found) => {
  for (const option of ['update', 'new', 'upsert']) {
    if (body[option]) throw new MongoServerError('FailedToParse', `Cannot specify both ${option} and remove=true`);
  }
  if (!collection || !found) return { value: undefined, n: 0 };
  engine.records.remove(collection, found);
  return { value: found.raw, n: 1 };
};

function updateWith({ body }: CommandRequest, rawFilter: Uint8Array, filter: Document): Change {
  if (body['update'] === undefined)
    throw new MongoServerError('FailedToParse', 'Either an update or remove=true must be specified');
  const update = compileUpdate({
    update: decodeUpdate(body['update']),
    arrayFilters: (findArray(body, 'arrayFilters') ?? []) as Document[],
    scope: evaluateLet(findDocument(body, 'let')),
  });
  return ({ engine }, collection, found) => {
    const now = new Date();
    const isNew = isSet(body, 'new');
    if (collection && found) {
      const changed = applyUpdate(engine, collection, found, update, filter, now);
      return { value: isNew ? (changed ?? found.raw) : found.raw, n: 1, updatedExisting: true };
    }
    if (!collection || !isSet(body, 'upsert')) return { value: undefined, n: 0, updatedExisting: false };
    const inserted = upsert(engine, collection, { typedFilter: decodeTyped(rawFilter), filter, update, now });
    return { value: isNew ? encode(inserted) : undefined, n: 1, updatedExisting: false, upserted: inserted['_id'] };
  };
}

const command: Command = {
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'let',
    'bypassDocumentValidation',
  ],
  rawFields: ['query', 'update'],
  run: findAndModify,
};

export const findAndModifyCommands: Record<string, Command> = { findAndModify: command, findandmodify: command };
