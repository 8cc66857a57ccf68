import { compilePipeline, runPipeline } from '../aggregator.ts';
import { type Document, encode } from '../document.ts';
import { MongoServerError, refuseFeature } from '../errors.ts';
import { holdsSlowPattern } from '../pattern.ts';
import { evaluateLet } from '../query.ts';
import { readRecords, type ReadRequest } from '../read.ts';
import { parseSort } from '../sort.ts';
import { collectionNameOf, type Command, type CommandRequest, findCount, findDocument } from './command.ts';
import { cursorAnswer, openCursor, readWholeCollection } from './read.ts';

function aggregate(request: CommandRequest): Document {
  const { engine, db, body } = request;
  const compiled = compilePipeline(body['pipeline']);
  const pipeline = body['pipeline'] as Document[];
  const cursor = findDocument(body, 'cursor');
  if (!cursor)
    throw new MongoServerError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  const name = body['aggregate'] === 1 ? '$cmd.aggregate' : collectionNameOf(request);
  const items = aggregated(request, name, { pipeline, compiled })[Symbol.iterator]();
  const batchSize = findCount(cursor, 'batchSize');
  return cursorAnswer(openCursor(engine, `${db}.${name}`, items, batchSize, false), 'firstBatch');
}

/** How much of reading a document it costs to hand one from stage to stage. */
const stageCost = 0.02;

interface Pipelines {
  pipeline: Document[];
  compiled: Document[];
}

function aggregated(request: CommandRequest, name: string, { pipeline, compiled }: Pipelines): Iterable<Uint8Array> {
  const { engine, db, body } = request;
  const scope = {
    ...evaluateLet(findDocument(body, 'let')),
    resolveCollection: (other: string) => readWholeCollection(request, other),
  };
  const startsWithDocuments = pipeline[0] !== undefined && '$documents' in pipeline[0];
  if (name === '$cmd.aggregate' && !startsWithDocuments) refuseFeature('aggregating a whole database');
  const collection = startsWithDocuments ? undefined : engine.catalog.find(db, name);
  const { read, rest } = splitPipeline(pipeline);
  const records = collection ? readRecords(engine.database, collection, { ...read, scope }) : [].values();
  if (rest.length === 0) return records.map(({ raw }) => raw);
  if (holdsSlowPattern(rest)) engine.database.requireReader();
  // Computed at once: the stages hold what they read anyway, and an error belongs into the first answer.
  const results = [
    ...runPipeline(
      records.map(({ document }) => document),
      compiled.slice(pipeline.length - rest.length),
      scope,
      (count) => engine.database.countRows(count * stageCost),
    ),
  ];
  return results.map((document) => encode(document));
}

/** The first $match, $sort, $skip and $limit, in this order, are a find: they can use indexes, and leave the stored bytes alone. */
export function splitPipeline(pipeline: Document[]): { read: ReadRequest; rest: Document[] } {
  const read: ReadRequest = { filter: {} };
  let at = 0;
  const take = (stage: string) => (pipeline[at] && stage in pipeline[at]! ? pipeline[at++]![stage] : undefined);
  const filter = take('$match');
  if (filter) read.filter = filter as Document;
  const sort = take('$sort');
  if (sort) read.sort = parseSort(sort as Document);
  const skip = take('$skip');
  if (skip) read.skip = Number(skip);
  const limit = take('$limit');
  if (limit !== undefined) read.limit = Number(limit);
  return { read, rest: pipeline.slice(at) };
}

export const aggregateCommands: Record<string, Command> = {
  aggregate: {
    fields: ['pipeline', 'cursor', 'let', 'allowDiskUse', 'bypassDocumentValidation'],
    run: aggregate,
  },
};
