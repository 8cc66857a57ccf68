import { type Document, MongoClient, MongoServerError } from 'mongodb';
import { difference, exactDifference } from './match.ts';
import { type Entities, runOperation } from './operations.ts';
import type { CollectionData, ExpectedError, Operation, TestCase, TestFile } from './unified-test.ts';

export type Outcome =
  | { readonly state: 'passed' }
  | { readonly state: 'failed'; readonly why: string }
  /** `feature`: what is refused by name. */
  | { readonly state: 'not applicable'; readonly feature: string };

const REFUSED = /^(.*) is not supported by the embedded database$|^no such command: '(\w+)'$/;

/** Runs one test of a file against the server, on data of its own. A refusal by name makes it not applicable, whatever it expects. */
export async function runCase(uri: string, file: TestFile, test: TestCase): Promise<Outcome> {
  const opened = await openEntities(uri, file);
  try {
    await fill(opened.admin, file.initialData);
    for (const operation of test.operations) {
      const outcome = await runStep(opened, operation);
      if (outcome !== undefined) return outcome;
    }
    for (const expected of test.outcome) {
      const why = await outcomeDifference(opened.admin, expected);
      if (why !== undefined) return { state: 'failed', why };
    }
    return { state: 'passed' };
  } finally {
    await Promise.all([...opened.clients.values(), opened.admin].map((client) => client.close()));
  }
}

interface Opened extends Entities {
  readonly admin: MongoClient;
}

async function openEntities(uri: string, { createEntities }: TestFile): Promise<Opened> {
  const entities = { clients: new Map(), databases: new Map(), collections: new Map() };
  for (const { client, database, collection } of createEntities) {
    if (client) entities.clients.set(client.id, await MongoClient.connect(uri, client.uriOptions));
    if (database) entities.databases.set(database.id, entities.clients.get(database.client).db(database.databaseName));
    if (collection) {
      const { id, collectionName, collectionOptions } = collection;
      const db = entities.databases.get(collection.database);
      entities.collections.set(id, db.collection(collectionName, collectionOptions));
    }
  }
  return { ...entities, admin: await MongoClient.connect(uri) };
}

async function fill(admin: MongoClient, data: readonly CollectionData[]): Promise<void> {
  for (const { databaseName, collectionName, documents } of data) {
    const db = admin.db(databaseName);
    await db.dropCollection(collectionName);
    if (documents.length > 0) await db.collection(collectionName).insertMany([...documents]);
    else await db.createCollection(collectionName);
  }
}

/** How the test ended with this operation; undefined if it goes on. */
async function runStep(entities: Opened, operation: Operation): Promise<Outcome | undefined> {
  const { name, object, expectError, expectResult } = operation;
  if (object === 'testRunner') return { state: 'not applicable', feature: `${name} (a server under test)` };
  let result: unknown;
  try {
    result = await runOperation(entities, object, name, structuredClone(operation.arguments));
  } catch (error) {
    const feature = refusedFeature(error);
    if (feature !== undefined) return { state: 'not applicable', feature };
    const why = expectError ? errorDifference(expectError, error) : `${name} failed: ${sayError(error)}`;
    return why === undefined ? undefined : { state: 'failed', why };
  }
  if (expectError) return { state: 'failed', why: `${name} should have failed` };
  const why = expectResult === undefined ? undefined : difference(expectResult, result);
  return why === undefined ? undefined : { state: 'failed', why: `${name}: ${why}` };
}

function refusedFeature(error: unknown): string | undefined {
  const messages = [error, ...causesOf(error)].map(sayError);
  for (const message of messages) {
    const match = REFUSED.exec(message);
    if (match) return match[1] ?? `the command ${match[2]}`;
  }
  return undefined;
}

/** Of a bulk write, the errors of its statements. */
function causesOf(error: unknown): unknown[] {
  if (typeof error !== 'object' || error === null) return [];
  const cause = 'cause' in error ? [error.cause] : [];
  const writeErrors = 'writeErrors' in error ? [error.writeErrors].flat() : [];
  return [...cause, ...writeErrors.map((each) => ({ message: (each as { errmsg?: string }).errmsg }))];
}

function sayError(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

function errorDifference(expected: ExpectedError, error: unknown): string | undefined {
  const isServers = error instanceof MongoServerError;
  if (expected.isClientError !== undefined && expected.isClientError === isServers) {
    return `the error is ${isServers ? 'the server’s' : 'the driver’s'}: ${sayError(error)}`;
  }
  const words = expected.errorContains?.toLowerCase();
  if (words !== undefined && !sayError(error).toLowerCase().includes(words)) {
    return `the error says “${sayError(error)}”, expected “${words}”`;
  }
  const fields = error as { code?: unknown; errorResponse?: Document; result?: unknown };
  if (expected.errorCode !== undefined && fields.code !== expected.errorCode) {
    return `the error has code ${String(fields.code)}, expected ${expected.errorCode}`;
  }
  if (expected.errorResponse) {
    const why = difference(expected.errorResponse, fields.errorResponse, true, 'error');
    if (why !== undefined) return why;
  }
  return expected.expectResult === undefined
    ? undefined
    : difference(expected.expectResult, fields.result, true, 'partial result');
}

async function outcomeDifference(admin: MongoClient, expected: CollectionData): Promise<string | undefined> {
  const { databaseName, collectionName, documents } = expected;
  const found = await admin.db(databaseName).collection(collectionName).find().sort({ _id: 1 }).toArray();
  return exactDifference(documents, found, collectionName);
}
