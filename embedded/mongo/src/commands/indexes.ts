import type { Collection } from '../catalog.ts';
import { type Document, isDocument } from '../document.ts';
import { ensureCollection } from '../engine.ts';
import { MongoServerError } from '../errors.ts';
import type { Index } from '../index-spec.ts';
import { nameOf, normalizeIndexSpec } from '../index-spec.ts';
import { encodeKey } from '../key-encoding.ts';
import { readRecords } from '../read.ts';
import { collectionNameOf, type Command, type CommandRequest, findArray } from './command.ts';
import { listAnswer } from './read.ts';

const idIndexSpec = { v: 2, key: { _id: 1 }, name: '_id_' };

function createIndexes(request: CommandRequest): Promise<Document> {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  const specs = (findArray(body, 'indexes') ?? []).map((spec) => normalizeIndexSpec(spec as Document));
  if (specs.length === 0) throw new MongoServerError('BadValue', 'Must specify at least one index to create');
  return engine.writes.run(() => {
    const createdCollectionAutomatically = !engine.catalog.find(db, name);
    const collection = ensureCollection(engine, db, name);
    const numIndexesBefore = collection.indexes.length + 1;
    for (const spec of specs) {
      if (isIdIndex(spec) || hasIndex(collection, spec)) continue;
      const index = engine.catalog.addIndex(collection, spec);
      engine.records.buildIndex(
        collection,
        index,
        readRecords(engine.database, { ...collection, indexes: [] }, { filter: {} }),
      );
    }
    return { numIndexesBefore, numIndexesAfter: collection.indexes.length + 1, createdCollectionAutomatically };
  });
}

function isIdIndex({ key }: Document): boolean {
  return nameOf(key as Document) === '_id_1';
}

/** @throws IndexOptionsConflict or IndexKeySpecsConflict where there is another one of that key or name. */
function hasIndex(collection: Collection, spec: Document): boolean {
  const sameName = collection.indexes.find(({ name }) => name === spec['name']);
  if (sameName && isSame(sameName.spec, spec)) return true;
  if (sameName) {
    const [held, asked] = [sameName.spec, spec].map((one) => ({ ...identityOf(one), unique: one['unique'] }));
    const codeName = isSame(held as Document, asked as Document) ? 'IndexOptionsConflict' : 'IndexKeySpecsConflict';
    throw new MongoServerError(
      codeName,
      `An existing index has the same name as the requested index: ${sameName.name}`,
    );
  }
  const sameKey = collection.indexes.find((index) => isSame(identityOf(index.spec), identityOf(spec)));
  if (!sameKey) return false;
  throw new MongoServerError('IndexOptionsConflict', `Index already exists with a different name: ${sameKey.name}`);
}

/** Indexes on the same key may stand side by side only if they hold different documents. */
function identityOf({ key, partialFilterExpression, sparse }: Document): Document {
  return { key, partialFilterExpression, sparse };
}

function isSame(left: Document, right: Document): boolean {
  return Buffer.compare(encodeKey(left), encodeKey(right)) === 0;
}

function listIndexes(request: CommandRequest): Document {
  const collection = getCollection(request);
  const specs = [idIndexSpec, ...collection.indexes.map(({ spec }) => spec)];
  return listAnswer(request, collection.name, specs, request.body);
}

function dropIndexes(request: CommandRequest): Promise<Document> {
  const { engine, body } = request;
  return engine.writes.run(() => {
    const collection = getCollection(request);
    const nIndexesWas = collection.indexes.length + 1;
    for (const index of indexesToDrop(collection, body['index'])) engine.catalog.dropIndex(collection, index);
    return { nIndexesWas };
  });
}

function indexesToDrop(collection: Collection, asked: unknown): Index[] {
  if (asked === '*') return collection.indexes;
  return (Array.isArray(asked) ? asked : [asked]).map((one: unknown) => {
    if (one === '_id_') throw new MongoServerError('InvalidOptions', 'cannot drop _id index');
    const isAsked = (index: Index) =>
      isDocument(one) ? isSame({ key: index.spec['key'] }, { key: one }) : index.name === one;
    const index = collection.indexes.find(isAsked);
    if (!index) throw new MongoServerError('IndexNotFound', `index not found with name [${String(one)}]`);
    return index;
  });
}

function getCollection(request: CommandRequest): Collection {
  const { engine, db } = request;
  const name = collectionNameOf(request);
  const collection = engine.catalog.find(db, name);
  if (!collection) throw new MongoServerError('NamespaceNotFound', `ns does not exist: ${db}.${name}`);
  return collection;
}

export const indexCommands: Record<string, Command> = {
  createIndexes: { fields: ['indexes', 'commitQuorum'], run: createIndexes },
  listIndexes: { fields: ['cursor'], run: listIndexes },
  dropIndexes: { fields: ['index'], run: dropIndexes },
};
