import type { Collection, Db, Document, MongoClient } from 'mongodb';

type Arguments = Document;

/** Operations of the test format on the driver's objects; their arguments' names are the format's. */
const onCollection: Record<string, (collection: Collection, given: Arguments) => unknown> = {
  aggregate: (collection, { pipeline, ...options }) => collection.aggregate(pipeline, options).toArray(),
  bulkWrite: (collection, { requests, ...options }) =>
    collection.bulkWrite(requests, keepingNullIds(requests, options)),
  count: (collection, { filter, ...options }) => collection.count(filter, options),
  countDocuments: (collection, { filter, ...options }) => collection.countDocuments(filter, options),
  createIndex: (collection, { keys, ...options }) => collection.createIndex(keys, options),
  deleteMany: (collection, { filter, ...options }) => collection.deleteMany(filter, options),
  deleteOne: (collection, { filter, ...options }) => collection.deleteOne(filter, options),
  distinct: (collection, { fieldName, filter, ...options }) => collection.distinct(fieldName, filter, options),
  estimatedDocumentCount: (collection, options) => collection.estimatedDocumentCount(options),
  find: (collection, { filter, ...options }) => collection.find(filter, options).toArray(),
  findOne: (collection, { filter, ...options }) => collection.findOne(filter, options),
  findOneAndDelete: (collection, { filter, ...options }) => collection.findOneAndDelete(filter, options),
  findOneAndReplace: (collection, { filter, replacement, ...options }) =>
    collection.findOneAndReplace(filter, replacement, withReturnDocument(options)),
  findOneAndUpdate: (collection, { filter, update, ...options }) =>
    collection.findOneAndUpdate(filter, update, withReturnDocument(options)),
  insertMany: (collection, { documents, ...options }) =>
    collection.insertMany(documents, keepingNullIds(documents, options)),
  insertOne: (collection, { document, ...options }) =>
    collection.insertOne(document, keepingNullIds([document], options)),
  replaceOne: (collection, { filter, replacement, ...options }) => collection.replaceOne(filter, replacement, options),
  updateMany: (collection, { filter, update, ...options }) => collection.updateMany(filter, update, options),
  updateOne: (collection, { filter, update, ...options }) => collection.updateOne(filter, update, options),
};

const onDatabase: Record<string, (db: Db, given: Arguments) => unknown> = {
  aggregate: (db, { pipeline, ...options }) => db.aggregate(pipeline, options).toArray(),
  createCollection: (db, { collection, ...options }) => db.createCollection(collection, options),
  dropCollection: (db, { collection }) => db.dropCollection(collection),
  modifyCollection: (db, { collection, ...options }) => db.command({ collMod: collection, ...options }),
};

const onClient: Record<string, (client: MongoClient, given: Arguments) => unknown> = {
  clientBulkWrite: (client, { models, ...options }) => client.bulkWrite(models.map(clientModel), options),
};

/** What a test's object of that name is. */
export interface Entities {
  readonly clients: ReadonlyMap<string, MongoClient>;
  readonly databases: ReadonlyMap<string, Db>;
  readonly collections: ReadonlyMap<string, Collection>;
}

/** @throws what the driver throws; Error for an operation that the runner doesn't know. */
export async function runOperation(
  { clients, databases, collections }: Entities,
  object: string,
  name: string,
  given: Arguments,
): Promise<unknown> {
  const collection = collections.get(object);
  const db = databases.get(object);
  const client = clients.get(object);
  if (collection && onCollection[name]) return onCollection[name](collection, given);
  if (db && onDatabase[name]) return onDatabase[name](db, given);
  if (client && onClient[name]) return onClient[name](client, given);
  throw new Error(`the runner doesn't know ${name} of ${object}`);
}

/** The driver puts an id of its own in place of null, unless ids are the server's to make. */
function keepingNullIds(inserted: readonly Document[], options: Document): Document {
  const documents = inserted.map((each) => (each['insertOne'] as { document: Document } | undefined)?.document ?? each);
  return documents.some(({ _id }) => _id === null) ? { ...options, forceServerObjectId: true } : options;
}

function withReturnDocument({ returnDocument, ...options }: Document): Document {
  return returnDocument === undefined ? options : { ...options, returnDocument: String(returnDocument).toLowerCase() };
}

function clientModel(model: Document): Document {
  const [[name, rest] = ['', {}]] = Object.entries(model);
  return { name, ...(rest as Document) };
}
