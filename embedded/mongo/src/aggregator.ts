import { Aggregator } from 'mingo/aggregator';
import { Lazy } from 'mingo/lazy';
import { type Document, isDocument } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { requireComputable } from './exact-values.ts';
import { compileAccumulator, compileExpression, compileFields, compileProjected } from './expression-syntax.ts';
import { refuseOperators } from './refused-operators.ts';
import { stageChecks } from './stage-checks.ts';
import { compileFilter, mingoOptions, prepareFilter, type QueryScope, stageNames } from './query.ts';

const refusedStages = new Set([
  '$changeStream', '$changeStreamSplitLargeEvent', '$collStats', '$currentOp', '$densify', '$geoNear', '$indexStats',
  '$listLocalSessions', '$listSearchIndexes', '$listSessions', '$merge', '$out', '$planCacheStats', '$rankFusion', '$search',
  '$searchMeta', '$setWindowFields', '$shardedDataDistribution', '$vectorSearch',
]); // prettier-ignore

/**
 * Checks a pipeline and compiles its expressions.
 * @throws an error that names the stage or operator which this server doesn't have.
 */
export function compilePipeline(pipeline: unknown): Document[] {
  if (!Array.isArray(pipeline))
    throw new MongoServerError('TypeMismatch', "'pipeline' option must be specified as an array");
  return (pipeline as unknown[]).map(compileStage);
}

function compileStage(stage: unknown): Document {
  const [name, ...others] = isDocument(stage) ? Object.keys(stage) : [];
  if (!isDocument(stage) || name === undefined || others.length > 0) {
    throw new MongoServerError(
      'UnrecognizedStage',
      'A pipeline stage specification object must contain exactly one field.',
    );
  }
  if (refusedStages.has(name)) refuseFeature(`the pipeline stage ${name}`);
  if (!stageNames.has(name)) {
    throw new MongoServerError('UnrecognizedStage', `Unrecognized pipeline stage name: '${name}'`);
  }
  const operand = stage[name];
  stageChecks[name]?.(operand);
  if (name !== '$match') refuseOperators(operand);
  if (name === '$fill' && hasMethod(operand)) refuseFeature('the pipeline stage $fill with a method');
  return { [name]: compileOperand(name, operand) };
}

function compileOperand(name: string, operand: unknown): unknown {
  if (name === '$match') compileFilter(operand as Document);
  const compile = operandCompilers[name];
  if (compile) return compile(operand);
  const parts = partCompilers[name];
  if (!parts || !isDocument(operand)) return operand;
  return compileFields(operand, (value, field) => parts[field]?.(value) ?? value);
}

const ofFields = (compile: (value: unknown) => unknown) => (operand: unknown) =>
  isDocument(operand) ? compileFields(operand, compile) : operand;

/** Where a stage holds expressions, filters or pipelines. */
const operandCompilers: Record<string, (operand: unknown) => unknown> = {
  $addFields: ofFields(compileExpression),
  $documents: compileExpression,
  $facet: ofFields(compilePipeline),
  $group: (operand) =>
    compileFields(operand as Document, (value, field) =>
      field === '_id' ? compileExpression(value) : compileAccumulator(value),
    ),
  $match: (operand) => prepareFilter(operand as Document),
  $project: ofFields(compileProjected),
  $redact: compileExpression,
  $replaceWith: compileExpression,
  $set: ofFields(compileExpression),
  $sortByCount: compileExpression,
};

const bucketParts = { groupBy: compileExpression, output: ofFields(compileAccumulator) };
const partCompilers: Record<string, Record<string, (value: unknown) => unknown>> = {
  $bucket: bucketParts,
  $bucketAuto: bucketParts,
  $fill: { partitionBy: compileExpression, output: ofFields(ofFields(compileExpression)) },
  $graphLookup: {
    startWith: compileExpression,
    restrictSearchWithMatch: (filter) => prepareFilter(filter as Document),
  },
  $lookup: { let: ofFields(compileExpression), pipeline: compilePipeline },
  $replaceRoot: { newRoot: compileExpression },
  $unionWith: { pipeline: compilePipeline },
};

/** mingo fills by a window, which it doesn't compute without running code. */
function hasMethod(fill: unknown): boolean {
  const output = isDocument(fill) && isDocument(fill['output']) ? Object.values(fill['output']) : [];
  return output.some((field) => isDocument(field) && 'method' in field);
}

/** More than any use that is meant: a pipeline can make a billion documents out of one. */
const documentsMax = 5_000_000;

/**
 * Runs stage by stage, so that what each hands on is counted.
 * @param pipeline compiled
 * @param onDocuments called for each thousand documents that a stage has handed on; may throw
 */
export function runPipeline(
  documents: Iterable<Document>,
  pipeline: Document[],
  scope: QueryScope,
  onDocuments: (count: number) => void = () => {},
): Iterable<Document> {
  const require = requireComputable(pipeline);
  const options = mingoOptions(scope);
  let handedOn = 0;
  const count = (document: Document): Document => {
    if (++handedOn % 1_000 === 0) onDocuments(1_000);
    if (handedOn < documentsMax) return document;
    throw new MongoServerError('ExceededMemoryLimit', `a pipeline may make at most ${documentsMax} documents`);
  };
  const required = Lazy(documents).map((document) => {
    require(document as Document);
    return document;
  });
  const stream = pipeline.reduce(
    (before, stage) => Lazy(new Aggregator([stage], options).stream(before)).map((item) => count(item as Document)),
    required,
  );
  return stream as unknown as Iterable<Document>;
}
