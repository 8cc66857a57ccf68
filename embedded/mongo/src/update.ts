import { compilePipeline as compilePipelineStages, runPipeline } from './aggregator.ts';
import { type Document, isDocument, promote, restoreTypes } from './document.ts';
import { MongoServerError } from './errors.ts';
import { compareValues } from './key-encoding.ts';
import { compileFilter, type Matcher, type QueryScope } from './query.ts';
import { expandPositions } from './update-positions.ts';
import { operators, type OperatorName } from './update-operators.ts';
import { getAt, renameField, setAt } from './update-paths.ts';

export interface UpdateTarget {
  /** The document with typed numbers (`decodeTyped`). It is left as it is. */
  typed: Document;
  /** The filter that found it: it tells which element `$` stands for. */
  filter: Document;
  isInsert: boolean;
  now: Date;
}

/** Gives the new document, typed. @throws TypeMismatch, PathNotViable and the like. */
export type CompiledUpdate = ((target: UpdateTarget) => Document) & { isReplacement: boolean };

export interface UpdateRequest {
  /** A replacement, operators or a pipeline; numbers typed. */
  update: Document | Document[];
  arrayFilters?: Document[];
  scope: QueryScope;
}

/** @throws an error that names the operator or path, before any document is touched. */
export function compileUpdate({ update, arrayFilters = [], scope }: UpdateRequest): CompiledUpdate {
  if (Array.isArray(update)) return Object.assign(compilePipeline(update, scope), { isReplacement: false });
  const keys = Object.keys(update);
  if (keys[0]?.startsWith('$')) {
    return Object.assign(compileOperators(update, arrayFilters), { isReplacement: false });
  }
  const dollar = keys.find((key) => key.startsWith('$'));
  if (dollar) {
    throw new MongoServerError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document.`,
    );
  }
  if (arrayFilters.length > 0) throw failedToParse('Cannot specify arrayFilters with a replacement document');
  return Object.assign(compileReplacement(update), { isReplacement: true });
}

function compileReplacement(replacement: Document): (target: UpdateTarget) => Document {
  return ({ typed }) => {
    if ('_id' in replacement && '_id' in typed) requireSameId(typed, replacement);
    return '_id' in typed ? { _id: typed['_id'], ...withoutId(replacement) } : replacement;
  };
}

function withoutId({ _id: _old, ...rest }: Document): Document {
  return rest;
}

const pipelineStages = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

function compilePipeline(pipeline: Document[], scope: QueryScope): (target: UpdateTarget) => Document {
  const stages = compilePipelineStages(promote(pipeline));
  for (const [name = ''] of stages.map((stage) => Object.keys(stage))) {
    if (!pipelineStages.has(name))
      throw new MongoServerError('InvalidOptions', `${name} is not allowed to be used within an update`);
  }
  return ({ typed }) => {
    const [computed = {}] = runPipeline([promote(typed) as Document], stages, scope);
    const restored = restoreTypes(computed, typed) as Document;
    if (!('_id' in typed)) return restored;
    if ('_id' in restored) requireSameId(typed, restored);
    return { _id: typed['_id'], ...withoutId(restored) };
  };
}

interface Modification {
  operator: OperatorName | '$rename' | '$setOnInsert';
  path: string;
  operand: unknown;
}

function compileOperators(update: Document, arrayFilters: Document[]): (target: UpdateTarget) => Document {
  const modifications = modificationsOf(update);
  checkConflicts(
    modifications.flatMap(({ operator, path, operand }) => (operator === '$rename' ? [path, String(operand)] : [path])),
  );
  const elementMatchers = compileArrayFilters(arrayFilters, modifications);
  return ({ typed, filter, isInsert, now }) => {
    const changed = structuredCopy(typed) as Document;
    for (const { operator, path, operand } of modifications) {
      if (operator === '$setOnInsert' && !isInsert) continue;
      if (operator === '$rename') {
        renameField(changed, path, String(operand));
        continue;
      }
      const apply = operators[operator === '$setOnInsert' ? '$set' : operator];
      for (const parts of expandPositions(changed, path, { filter, elementMatchers })) {
        const before = getAt(changed, parts);
        const after = apply(before, structuredCopy(operand), { path, now });
        if (after !== before) setAt(changed, parts, after);
      }
    }
    if ('_id' in typed) requireSameId(typed, changed);
    return changed;
  };
}

function modificationsOf(update: Document): Modification[] {
  const modifications: Modification[] = [];
  for (const [operator, fields] of Object.entries(update)) {
    if (!(operator in operators) && operator !== '$rename' && operator !== '$setOnInsert') {
      throw failedToParse(
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDocument(fields)) {
      throw failedToParse(
        `Modifiers operate on fields but we found another type. For example: {$mod: {<field>: ...}} not {${operator}: ...}`,
      );
    }
    for (const [path, operand] of Object.entries(fields)) {
      checkPath(path);
      if (operator === '$rename') checkRename(path, operand);
      modifications.push({ operator: operator as Modification['operator'], path, operand });
    }
  }
  // MongoDB adds new fields in the order of their names.
  return modifications.sort((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
}

function checkRename(from: string, to: unknown) {
  if (typeof to !== 'string') throw new MongoServerError('BadValue', "The 'to' field for $rename must be a string");
  checkPath(to);
  if (from === to) throw new MongoServerError('BadValue', `The source and target field for $rename must differ: ${to}`);
}

function checkPath(path: string) {
  const parts = path.split('.');
  if (parts.includes('')) {
    throw new MongoServerError(
      'BadValue',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  if (parts.includes('__proto__'))
    throw new MongoServerError('BadValue', `The field name '__proto__' in '${path}' is not supported`);
  if (parts[0] === '$')
    throw new MongoServerError(
      'BadValue',
      `Cannot have positional (i.e. '$') element in the first position in path '${path}'`,
    );
  const dollar = parts.find((part) => part.startsWith('$') && part !== '$' && !/^\$\[[^\]]*\]$/.test(part));
  if (dollar) {
    throw new MongoServerError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' in '${path}' is not allowed in the context of an update.`,
    );
  }
}

function checkConflicts(paths: string[]) {
  const sorted = [...paths].sort();
  for (const [position, path] of sorted.entries()) {
    const other = sorted.slice(position + 1).find((later) => later === path || later.startsWith(`${path}.`));
    if (other === undefined) continue;
    throw new MongoServerError(
      'ConflictingUpdateOperators',
      `Updating the path '${other}' would create a conflict at '${path}'`,
    );
  }
}

function compileArrayFilters(arrayFilters: Document[], modifications: Modification[]): Map<string, Matcher> {
  const matchers = new Map<string, Matcher>();
  for (const filter of arrayFilters) {
    const identifier = identifierOf(filter);
    if (!/^[a-z][A-Za-z0-9]*$/.test(identifier))
      throw new MongoServerError('BadValue', `Error parsing array filter: '${identifier}' is no identifier`);
    if (matchers.has(identifier))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${identifier}`);
    if (!modifications.some(({ path }) => path.split('.').includes(`$[${identifier}]`))) {
      throw failedToParse(`The array filter for identifier '${identifier}' was not used in the update`);
    }
    matchers.set(identifier, compileFilter(filter));
  }
  return matchers;
}

function identifierOf(filter: Document): string {
  const [key] = Object.keys(filter);
  if (key === undefined) throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
  if (!key.startsWith('$')) return key.split('.')[0] ?? '';
  const [first] = filter[key] as Document[];
  return identifierOf(first ?? {});
}

function requireSameId(before: Document, after: Document) {
  if ('_id' in after && compareValues(before['_id'], after['_id']) === 0) return;
  throw new MongoServerError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

/** A copy of the containers; the values in them are never changed in place. */
function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy);
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCopy(item)]));
}

function failedToParse(message: string): MongoServerError {
  return new MongoServerError('FailedToParse', message);
}
