import { createConnection, type Connection } from 'mongoose';
import { hasErrorCode } from './error-code.ts';

/**
 * Opens the database. Each app has a connection of its own (no global mongoose), so that two fit in one process.
 * @throws the driver's error when the server isn't reached within 10 s.
 */
export async function openDatabase(uri: string, name: string): Promise<Connection> {
  const connection = createConnection(uri, {
    dbName: name,
    serverSelectionTimeoutMS: 10_000,
    connectTimeoutMS: 10_000,
    socketTimeoutMS: 8_000,
    maxPoolSize: 50,
    waitQueueTimeoutMS: 5000,
    autoIndex: false,
    autoCreate: false,
  });
  await connection.asPromise();
  return connection;
}

/** Builds the indexes of all models; harmless when they are there. */
export async function buildIndexes(connection: Connection): Promise<void> {
  for (const model of Object.values(connection.models)) await model.createIndexes();
}

/** Whether a write failed because a unique key was there already (MongoDB's E11000). */
export function isDuplicateKey(error: unknown): boolean {
  return hasErrorCode(error, 11_000);
}
