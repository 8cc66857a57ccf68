import * as mingoExpressions from 'mingo/operators/expression';
import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { arrayAccumulators } from './accumulators.ts';
import { refuseOperators } from './refused-operators.ts';
import { valueExpressions } from './value-expressions.ts';

const known = new Set([
  ...Object.keys(mingoExpressions),
  ...Object.keys(valueExpressions),
  '$last',
  ...arrayAccumulators,
]);

const accumulators = new Set([
  ...arrayAccumulators, '$addToSet', '$bottom', '$bottomN', '$count', '$first', '$firstN', '$last', '$lastN', '$maxN', '$median',
  '$mergeObjects', '$minN', '$percentile', '$push', '$top', '$topN',
]); // prettier-ignore

const unary = [
  '$abs', '$acos', '$acosh', '$allElementsTrue', '$anyElementTrue', '$arrayToObject', '$asin', '$asinh', '$atan', '$atanh', '$bitNot',
  '$bsonSize', '$ceil', '$cos', '$cosh', '$degreesToRadians', '$exp', '$first', '$floor', '$isArray', '$isNumber', '$last', '$ln',
  '$log10', '$not', '$objectToArray', '$radiansToDegrees', '$reverseArray', '$sin', '$sinh', '$size', '$sqrt', '$strLenBytes',
  '$strLenCP', '$tan', '$tanh', '$toBool', '$toDate', '$toDouble', '$toInt', '$toLong', '$toLower', '$toObjectId', '$toString',
  '$toUpper', '$type',
]; // prettier-ignore
/** mingo's take their one argument out of its array themselves. */
const unwrapping = new Set(['$allElementsTrue', '$anyElementTrue', '$isArray', '$not']);

const arities = new Map<string, readonly [least: number, most: number]>([
  ...unary.map((name) => [name, [1, 1]] as const),
  ...[
    '$arrayElemAt', '$atan2', '$cmp', '$divide', '$eq', '$gt', '$gte', '$in', '$log', '$lt', '$lte', '$mod', '$ne', '$pow',
    '$setDifference', '$setIsSubset', '$split', '$strcasecmp', '$subtract',
  ].map((name) => [name, [2, 2]] as const),
  ...['$substr', '$substrBytes', '$substrCP'].map((name) => [name, [3, 3]] as const),
  ...['$indexOfArray', '$indexOfBytes', '$indexOfCP'].map((name) => [name, [2, 4]] as const),
  ...['$range', '$slice'].map((name) => [name, [2, 3]] as const),
  ...['$round', '$trunc'].map((name) => [name, [1, 2]] as const),
  ['$ifNull', [2, Infinity]],
]); // prettier-ignore

/**
 * Checks an expression before any document is read, and puts it as the operators here want it: paths with dots, and the
 * accumulators that stand for their arrays' values, go to operators that no client can name.
 * @throws an error that names the operator or path.
 */
export function compileExpression(expression: unknown): unknown {
  if (typeof expression === 'string') return compilePath(expression);
  if (Array.isArray(expression)) return expression.map(compileExpression);
  if (!isDocument(expression)) return expression;
  const [name, ...others] = Object.keys(expression);
  if (!name?.startsWith('$')) return compileFields(expression, compileExpression);
  if (others.length > 0) {
    throw new MongoServerError('Location15983', `an expression has exactly one field, ${name} stands beside others`);
  }
  return compileOperator(name, expression[name]);
}

function compileOperator(name: string, operand: unknown): unknown {
  if (name === '$literal' || name === '$const') return { $literal: operand };
  refuseOperators({ [name]: null });
  if (!known.has(name)) throw new MongoServerError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
  checkArity(name, operand);
  if (name === '$switch') checkSwitch(operand);
  const compiled = compileExpression(operand);
  const isWrapped = arities.get(name)?.[1] === 1 && Array.isArray(compiled) && !unwrapping.has(name);
  const single: unknown = isWrapped ? (compiled as unknown[])[0] : compiled;
  if (name === '$first' || name === '$last') return { $arrayElemAt: [single, name === '$first' ? 0 : -1] };
  return { [arrayAccumulators.includes(name) ? `${name}_` : name]: single };
}

function checkArity(name: string, operand: unknown) {
  const [least, most] = arities.get(name) ?? [0, Infinity];
  const count = Array.isArray(operand) ? operand.length : 1;
  if (count >= least && count <= most) return;
  const wanted = least === most ? `exactly ${least}` : `${least} to ${most}`;
  throw new MongoServerError(
    least === most ? 'Location16020' : 'Location28667',
    `Expression ${name} takes ${wanted} arguments. ${count} were passed in.`,
  );
}

function checkSwitch(operand: unknown) {
  const branches = isDocument(operand) ? operand['branches'] : undefined;
  if (Array.isArray(branches) && branches.length > 0 && branches.every(isBranch)) return;
  throw new MongoServerError('Location40068', '$switch requires at least one branch, each with case and then');
}

function isBranch(branch: unknown): boolean {
  return isDocument(branch) && 'case' in branch && 'then' in branch;
}

function compilePath(text: string): unknown {
  if (!text.startsWith('$')) return text;
  const [head = '', ...parts] = text.split('.');
  const isNamed = head !== '$' && head !== '$$' && parts.every((part) => part !== '' && !part.startsWith('$'));
  if (!isNamed) throw new MongoServerError('Location16410', `'${text}' is not a valid field path`);
  return parts.length === 0 ? text : { $fieldPath: [head, ...parts] };
}

export function compileFields(fields: Document, compile: (value: unknown, field: string) => unknown): Document {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, compile(value, field)]));
}

/** What a field of a group holds. @throws an error that names what is no accumulator. */
export function compileAccumulator(accumulator: unknown): unknown {
  const [name = '', ...others] = isDocument(accumulator) ? Object.keys(accumulator) : [];
  if (others.length > 0 || !name.startsWith('$'))
    throw new MongoServerError('Location40234', "a group's field must be an accumulator object");
  refuseOperators({ [name]: null });
  if (!accumulators.has(name)) throw new MongoServerError('Location15952', `unknown group operator '${name}'`);
  const operand = (accumulator as Document)[name];
  const isSingle = Array.isArray(operand) && operand.length === 1 && !['$push', '$addToSet'].includes(name);
  return { [name]: compileExpression(isSingle ? operand[0] : operand) };
}

/** A projection's flags, and its expressions; documents without operators hold further fields. */
export function compileProjected(operand: unknown): unknown {
  if (!isDocument(operand)) return compileExpression(operand);
  // A slice of constant bounds is the projection of that name.
  const name = Object.keys(operand)[0] ?? '';
  if (name === '$elemMatch' || (name === '$slice' && [operand[name]].flat().every(Number.isInteger))) return operand;
  return name.startsWith('$') ? compileExpression(operand) : compileFields(operand, compileProjected);
}
