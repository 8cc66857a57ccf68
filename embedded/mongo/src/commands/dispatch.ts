import { decode, decodeKeepingRaw, type Document } from '../document.ts';
import type { Engine } from '../engine.ts';
import { MongoServerError, refuseFeature, toServerError } from '../errors.ts';
import { ReaderNeededError } from '../reader.ts';
import type { ReceivedCommand } from '../wire.ts';
import { aggregateCommands } from './aggregate.ts';
import { collectionCommands } from './collections.ts';
import { type Command, findCount } from './command.ts';
import { findAndModifyCommands } from './find-and-modify.ts';
import { indexCommands } from './indexes.ts';
import { readCommands } from './read.ts';
import { serverCommands } from './server.ts';
import { writeCommands } from './write.ts';

/** A read that looks at more documents than this takes some milliseconds: others don't wait for it. */
const rowsMax = 500;

const commands = new Map<string, Command>(
  Object.entries({
    ...serverCommands,
    ...readCommands,
    ...writeCommands,
    ...findAndModifyCommands,
    ...aggregateCommands,
    ...indexCommands,
    ...collectionCommands,
  }),
);

/** Options of every command that change nothing here: one process, everything durable, no sessions. */
const commonFields = new Set([
  'lsid', 'comment', 'maxTimeMS', 'readConcern', 'writeConcern', '$db', '$readPreference', '$clusterTime', 'apiVersion',
  'apiStrict', 'apiDeprecationErrors',
]); // prettier-ignore

const refusedFields = new Set([
  'collation', 'hint', 'explain', 'tailable', 'awaitData', 'oplogReplay', 'min', 'max', 'returnKey', 'showRecordId',
  'encryptionInformation', 'mapReduce',
]); // prettier-ignore

/**
 * Answers a command, or its error in MongoDB's form.
 * @throws ReaderNeededError alone: the reader is to answer.
 */
export async function answerCommand(engine: Engine, received: ReceivedCommand): Promise<Document> {
  try {
    return { ...(await runCommand(engine, received)), ok: 1 };
  } catch (error) {
    if (error instanceof ReaderNeededError) throw error;
    return answerError(error);
  }
}

export function answerError(error: unknown): Document {
  const { message, code, codeName, extra } = toServerError(error);
  return { ok: 0, errmsg: message, code, codeName, ...extra };
}

function runCommand(
  engine: Engine,
  { body: rawBody, sequences, db: givenDb }: ReceivedCommand,
): Document | Promise<Document> {
  const name = firstKey(rawBody);
  const command = commands.get(name);
  if (!command) throw new MongoServerError('CommandNotFound', `no such command: '${name}'`);
  const body: Document = { ...decodeKeepingRaw(rawBody, command.rawFields ?? []), ...sequences };
  checkFields(name, command, body);
  const db = givenDb ?? body['$db'];
  if (typeof db !== 'string' || db === '')
    throw new MongoServerError('BadValue', 'OP_MSG requests require a $db argument');
  const timeMs = findCount(body, 'maxTimeMS') || Infinity;
  engine.database.allowRows(engine.reader === undefined ? Infinity : rowsMax, performance.now() + timeMs);
  return command.run({ engine, db, name, body });
}

/** Reads the name alone: how the rest is decoded depends on it. */
function firstKey(raw: Uint8Array): string {
  const end = raw.indexOf(0, 5);
  return raw.length > 5 && end > 5 ? Buffer.from(raw.subarray(5, end)).toString() : String(Object.keys(decode(raw))[0]);
}

function checkFields(name: string, command: Command, body: Document) {
  if (body['startTransaction'] !== undefined || body['autocommit'] !== undefined || body['txnNumber'] !== undefined) {
    throw new MongoServerError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
  }
  for (const field of Object.keys(body)) {
    if (field === name || commonFields.has(field) || command.fields.includes(field)) continue;
    if (refusedFields.has(field)) refuseFeature(field);
    throw new MongoServerError('UnknownField', `BSON field '${name}.${field}' is an unknown field.`);
  }
}
