import { setImmediate } from 'node:timers/promises';
import type { Collection, Document } from 'mongodb';
import mongoose from 'mongoose';
import { startMongoServer, type StartOptions } from './server.ts';

/** A server and a connection of mongoose to it. */
export interface TestDatabase {
  connection: mongoose.Connection;
  /** The driver's database below the connection. */
  db: NonNullable<mongoose.Connection['db']>;
  /** For a client with a connection of its own. */
  uri: string;
  /** A name that no other test of this database has. */
  freshName(): string;
  /** A collection of its own that holds the documents. */
  collectionOf(documents: Document[]): Promise<Collection>;
  close(): Promise<void>;
}

export async function openTestDatabase(options: StartOptions = { memory: true }): Promise<TestDatabase> {
  const server = await startMongoServer(options);
  const connection = await mongoose.createConnection(server.uri, { dbName: 'suite' }).asPromise();
  const { db } = connection;
  if (!db) throw new Error('not connected');
  let names = 0;
  const freshName = () => `c${names++}`;
  return {
    connection,
    db,
    uri: server.uriFor('suite'),
    freshName,
    async collectionOf(documents) {
      const things = db.collection(freshName());
      if (documents.length > 0) await things.insertMany(documents);
      return things;
    },
    async close() {
      await connection.close();
      await server.close();
    },
  };
}

/** Resolves when the condition holds. @throws Error if it doesn't within ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within 10 s: ${String(condition)}`);
    await setImmediate();
  }
}
