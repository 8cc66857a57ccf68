import type { Collection } from '../catalog.ts';
import type { Document } from '../document.ts';
import type { Engine } from '../engine.ts';
import { MongoServerError, refuseFeature } from '../errors.ts';
import { compileFilter } from '../query.ts';
import { collectionNameOf, type Command, type CommandRequest, findDocument } from './command.ts';
import { listAnswer } from './read.ts';

const refusedCreateOptions = [
  'capped', 'timeseries', 'viewOn', 'pipeline', 'validator', 'clusteredIndex', 'changeStreamPreAndPostImages',
  'encryptedFields', 'expireAfterSeconds',
]; // prettier-ignore

function create(request: CommandRequest): Promise<Document> {
  const { engine, db, body } = request;
  const name = collectionNameOf(request);
  for (const option of refusedCreateOptions) if (body[option]) refuseFeature(`a collection with ${option}`);
  return engine.writes.run(() => {
    if (engine.catalog.find(db, name))
      throw new MongoServerError('NamespaceExists', `Collection ${db}.${name} already exists.`);
    engine.catalog.create(db, name);
    return {};
  });
}

function drop(request: CommandRequest): Promise<Document> {
  const { engine, db } = request;
  const name = collectionNameOf(request);
  return engine.writes.run(() => {
    const collection = engine.catalog.find(db, name);
    if (!collection) return {};
    const nIndexesWas = collection.indexes.length + 1;
    engine.catalog.drop(collection);
    return { ns: collection.namespace, nIndexesWas };
  });
}

function dropDatabase({ engine, db }: CommandRequest): Promise<Document> {
  return engine.writes.run(() => {
    for (const collection of engine.catalog.list(db)) engine.catalog.drop(collection);
    return { dropped: db };
  });
}

function listCollections(request: CommandRequest): Document {
  const { engine, db, body } = request;
  const matches = compileFilter(findDocument(body, 'filter') ?? {});
  const listed = engine.catalog
    .list(db)
    .map(({ name }) => ({
      name,
      type: 'collection',
      options: {},
      info: { readOnly: false },
      idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
    }))
    .filter(matches)
    .map((collection) => (body['nameOnly'] === true ? { name: collection.name, type: collection.type } : collection));
  return listAnswer(request, '$cmd.listCollections', listed, body);
}

function listDatabases({ engine, body }: CommandRequest): Document {
  const matches = compileFilter(findDocument(body, 'filter') ?? {});
  const names = [...new Set(engine.catalog.list().map(({ db }) => db))].sort();
  if (body['nameOnly'] === true) return { databases: names.map((name) => ({ name })).filter(matches) };
  const databases = names
    .map((name) => ({ name, sizeOnDisk: sizesOf(engine, engine.catalog.list(name)).size, empty: false }))
    .filter(matches);
  return { databases, totalSize: databases.reduce((sum, { sizeOnDisk }) => sum + sizeOnDisk, 0) };
}

function sizesOf({ database }: Engine, collections: Collection[]): { count: number; size: number } {
  const sizes = collections.map(({ table }) =>
    database.prepare(`SELECT count(*) AS n, sum(length(doc)) AS size FROM ${table} `).get(),
  );
  return {
    count: sizes.reduce((sum, row) => sum + Number(row?.['n'] ?? 0), 0),
    size: sizes.reduce((sum, row) => sum + Number(row?.['size'] ?? 0), 0),
  };
}

function collStats(request: CommandRequest): Document {
  const { engine, db } = request;
  const name = collectionNameOf(request);
  const collection = engine.catalog.find(db, name);
  const { count, size } = sizesOf(engine, collection ? [collection] : []);
  return {
    ns: `${db}.${name}`,
    count,
    size,
    storageSize: size,
    avgObjSize: count > 0 ? Math.round(size / count) : 0,
    nindexes: collection ? collection.indexes.length + 1 : 0,
  };
}

function dbStats({ engine, db }: CommandRequest): Document {
  const collections = engine.catalog.list(db);
  const { count, size } = sizesOf(engine, collections);
  const indexes = collections.reduce((sum, collection) => sum + collection.indexes.length + 1, 0);
  return { db, collections: collections.length, views: 0, objects: count, dataSize: size, storageSize: size, indexes };
}

export const collectionCommands: Record<string, Command> = {
  create: { fields: [...refusedCreateOptions, 'size', 'max'], run: create },
  drop: { fields: [], run: drop },
  dropDatabase: { fields: [], run: dropDatabase },
  listCollections: { fields: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'], run: listCollections },
  listDatabases: { fields: ['filter', 'nameOnly', 'authorizedDatabases'], run: listDatabases },
  collStats: { fields: ['scale'], run: collStats },
  dbStats: { fields: ['scale', 'freeStorage'], run: dbStats },
};
