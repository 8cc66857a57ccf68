import { Aggregator } from 'mingo/aggregator';
import { type Document, isDocument } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { requireComputable } from './exact-values.ts';
import { stageChecks } from './stage-checks.ts';
import { compileFilter, mingoOptions, type QueryScope, refuseOperators, stageNames } from './query.ts';

const refusedStages = new Set([
  '$changeStream', '$changeStreamSplitLargeEvent', '$collStats', '$currentOp', '$densify', '$geoNear', '$indexStats',
  '$listLocalSessions', '$listSearchIndexes', '$listSessions', '$merge', '$out', '$planCacheStats', '$rankFusion', '$search',
  '$searchMeta', '$setWindowFields', '$shardedDataDistribution', '$vectorSearch',
]); // prettier-ignore

/** @throws an error that names the stage or operator which this server doesn't have. */
export function checkPipeline(pipeline: unknown): asserts pipeline is Document[] {
  if (!Array.isArray(pipeline))
    throw new MongoServerError('TypeMismatch', "'pipeline' option must be specified as an array");
  for (const stage of pipeline as unknown[]) checkStage(stage);
}

function checkStage(stage: unknown) {
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
  if (name === '$match') compileFilter(operand as Document);
  else refuseOperators(operand);
  if (name === '$fill' && hasMethod(operand)) refuseFeature('the pipeline stage $fill with a method');
  if (name === '$facet') Object.values(operand as Document).forEach(checkPipeline);
  if (isDocument(operand) && 'pipeline' in operand) checkPipeline(operand['pipeline']);
}

/** mingo fills by a window, which it doesn't compute without running code. */
function hasMethod(fill: unknown): boolean {
  const output = isDocument(fill) && isDocument(fill['output']) ? Object.values(fill['output']) : [];
  return output.some((field) => isDocument(field) && 'method' in field);
}

export function runPipeline(
  documents: Iterable<Document>,
  pipeline: Document[],
  scope: QueryScope,
): Iterable<Document> {
  const require = requireComputable(pipeline);
  const required = Iterator.from(documents).map((document) => {
    require(document);
    return document;
  });
  return new Aggregator(pipeline, mingoOptions(scope)).stream(required) as unknown as Iterable<Document>;
}
