import { Context, evalExpr } from 'mingo/core';
import * as accumulatorOperators from 'mingo/operators/accumulator';
import * as expressionOperators from 'mingo/operators/expression';
import * as pipelineOperators from 'mingo/operators/pipeline';
import * as projectionOperators from 'mingo/operators/projection';
import * as queryOperators from 'mingo/operators/query';
import * as windowOperators from 'mingo/operators/window';
import { Query } from 'mingo/query';
import type { CollectionResolver, Options } from 'mingo/types';
import { accumulatorsAsMongo, accumulatorExpressions } from './accumulators.ts';
import { fieldPath, noBranch } from './array-expressions.ts';
import { addFieldsStage } from './add-fields-stage.ts';
import { datePartExpressions } from './date-parts.ts';
import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { comparisonOperators, isEqual } from './comparison-operators.ts';
import { requireComputable, requireNoExact } from './exact-values.ts';
import { compileExpression, compileFields } from './expression-syntax.ts';
import { toPattern } from './pattern.ts';
import { valuesAt } from './paths.ts';
import { refuseOperators } from './refused-operators.ts';
import { bucketStage, countStage, lookupStage, redactStage, sampleStage, unwindStage } from './pipeline-stages.ts';
import { isOperatorDocument, valueExpressions } from './value-expressions.ts';
import { typeExpression } from './type-expression.ts';
import { sortStage } from './sort.ts';

const { $out: _out, $merge: _merge, ...stages } = pipelineOperators;
const { $where: _where, ...filterOperators } = queryOperators;
const { $function: _function, ...expressions } = expressionOperators;
const { $accumulator: _accumulator, ...accumulators } = accumulatorOperators;

type QueryOperator = (typeof comparisonOperators)[string];

/** Bits of a Decimal128 or of a large int64 are not mingo's to see. */
const bitOperators = Object.fromEntries(
  (['$bitsAllClear', '$bitsAllSet', '$bitsAnyClear', '$bitsAnySet'] as const).map((name) => {
    const refusing: QueryOperator = (path, operand, options) => {
      const test = filterOperators[name](path, operand, options);
      return (document) => {
        requireNoExact(valuesAt(document, path));
        return test(document);
      };
    };
    return [name, refusing];
  }),
);

const filterOperatorsAsMongo = { ...filterOperators, ...comparisonOperators, ...bitOperators };

/** mingo copies a context for each query it compiles: one with the operators of filters alone makes a lookup six times faster. */
const filterContext = Context.init({ query: filterOperatorsAsMongo });

/** mingo's operators, with MongoDB's comparison in place of mingo's, and without those that write or run code. */
const context = Context.init({
  accumulator: { ...accumulators, ...accumulatorsAsMongo },
  expression: {
    ...expressions,
    ...datePartExpressions,
    ...valueExpressions,
    ...accumulatorExpressions,
    $fieldPath: fieldPath,
    $noBranch: noBranch,
    $type: typeExpression,
  },
  pipeline: {
    ...stages,
    $addFields: addFieldsStage,
    $bucket: bucketStage,
    $count: countStage,
    $lookup: lookupStage,
    $redact: redactStage,
    $sample: sampleStage,
    $set: addFieldsStage,
    $sort: sortStage,
    $unwind: unwindStage,
  },
  projection: projectionOperators,
  query: filterOperatorsAsMongo,
  window: windowOperators,
} as unknown as Parameters<typeof Context.init>[0]);

export const stageNames: ReadonlySet<string> = new Set(Object.keys(stages).filter((name) => name.startsWith('$')));

export interface QueryScope {
  /** Variables of a command's `let`. */
  variables?: Document | undefined;
  /** All documents of another collection, for $lookup and its like. */
  resolveCollection?: CollectionResolver;
}

export function mingoOptions({ variables, resolveCollection }: QueryScope = {}): Partial<Options> {
  return {
    context,
    scriptEnabled: false,
    ...(variables ? { variables } : {}),
    ...(resolveCollection ? { collectionResolver: resolveCollection } : {}),
  };
}

/** The variables of a command's `let`, whose values are expressions without a document. */
export function evaluateLet(expressions: Document | undefined): QueryScope {
  if (!expressions) return {};
  return { variables: evalExpr({}, compileExpression(expressions), mingoOptions() as Options) as Document };
}

export type Matcher = (document: Document) => boolean;

/** @throws BadValue or NotImplemented that names the operator which the filter may not hold. */
export function compileFilter(filter: Document, scope: QueryScope = {}): Matcher {
  const tests = equalityTests(filter);
  if (tests) return (document) => tests.every((test) => test(document));
  const prepared = prepareFilter(filter);
  const options = mingoOptions(scope);
  const expressions = expressionsIn(prepared);
  const query = new Query(prepared, expressions.length > 0 ? options : { ...options, context: filterContext });
  const requirements = expressions.map(requireComputable);
  return (document) => {
    for (const require of requirements) require(document);
    return query.test(document);
  };
}

/** Most filters only say what some fields are: they need no compiler. Undefined for any other. */
function equalityTests(filter: Document): Matcher[] | undefined {
  const tests: Matcher[] = [];
  for (const [path, value] of Object.entries(filter)) {
    const isPlain = value === null || !(isDocument(value) || Array.isArray(value) || value instanceof RegExp);
    if (path.startsWith('$') || !isPlain || value === undefined) return undefined;
    tests.push(isEqual(path, value));
  }
  return tests;
}

function expressionsIn(filter: unknown): unknown[] {
  if (Array.isArray(filter)) return filter.flatMap(expressionsIn);
  if (!isDocument(filter)) return [];
  return Object.entries(filter).flatMap(([key, item]) => (key === '$expr' ? [item] : expressionsIn(item)));
}

const clauseOperators = new Set(['$and', '$or', '$nor']);
const arrayOperators = new Set(['$in', '$nin', '$all', ...clauseOperators]);

/** A filter as mingo wants it: its expressions compiled, its patterns JavaScript's, without comments. @throws as `compileFilter` */
export function prepareFilter(filter: Document): Document {
  refuseOperators(filter);
  checkOperands(filter);
  return withPreparedClauses(filter);
}

function withPreparedClauses(filter: Document): Document {
  const clauses = Object.entries(filter).flatMap(([key, operand]): [string, unknown][] => {
    if (key === '$comment' || key === '$alwaysTrue') return [];
    if (key === '$alwaysFalse') return [['$expr', false]];
    if (key === '$expr') return [[key, compileExpression(operand)]];
    if (clauseOperators.has(key)) return [[key, (operand as Document[]).map(withPreparedClauses)]];
    return [[key, withPreparedOperands(operand)]];
  });
  return Object.fromEntries(clauses);
}

function withPreparedOperands(condition: unknown): unknown {
  if (!isOperators(condition)) return condition;
  const { $options: options, ...operators } = condition as Document;
  if (options !== undefined && !('$regex' in operators))
    throw new MongoServerError('BadValue', '$options needs a $regex');
  return compileFields(operators, (operand, operator) => {
    if (operator === '$regex') return toPattern(operand, options);
    if (operator === '$not') return withPreparedOperands(operand);
    if (operator !== '$elemMatch') return operand;
    const first = Object.keys(operand as Document)[0] ?? '';
    const isCondition = first.startsWith('$') && first !== '$expr' && !clauseOperators.has(first);
    return isCondition ? withPreparedOperands(operand) : withPreparedClauses(operand as Document);
  });
}

function checkOperands(value: unknown) {
  if (Array.isArray(value)) return value.forEach(checkOperands);
  if (!isDocument(value)) return;
  for (const [key, operand] of Object.entries(value)) {
    if (arrayOperators.has(key) && !Array.isArray(operand))
      throw new MongoServerError('BadValue', `${key} needs an array`);
    if (clauseOperators.has(key) && (operand as unknown[]).length === 0) {
      throw new MongoServerError('BadValue', `${key} must be a nonempty array`);
    }
    if ((key === '$in' || key === '$nin') && (operand as unknown[]).some(isOperatorDocument))
      throw new MongoServerError('BadValue', `cannot nest $ under ${key}`);
    if (clauseOperators.has(key) && !(operand as unknown[]).every(isDocument))
      throw new MongoServerError('BadValue', `${key} needs documents`);
    if (key === '$ne' && operand instanceof RegExp)
      throw new MongoServerError('BadValue', "Can't have regex as arg to $ne.");
    if (key === '$elemMatch' && !isDocument(operand))
      throw new MongoServerError('BadValue', '$elemMatch needs an Object');
    if (key === '$not' && !(operand instanceof RegExp) && !isOperators(operand))
      throw new MongoServerError('BadValue', '$not needs a regex or a document');
    if (key !== '$expr' && key !== '$eq') checkOperands(operand);
  }
}

function isOperators(operand: unknown): boolean {
  return isDocument(operand) && Object.keys(operand)[0]?.startsWith('$') === true;
}
