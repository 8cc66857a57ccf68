import { evalExpr } from 'mingo/core';
import { $dateAdd, $dateSubtract, $mod } from 'mingo/operators/expression';
import type { Options } from 'mingo/types';
import { arrayExpressions } from './array-expressions.ts';
import { isDocument } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { compareValues } from './key-encoding.ts';
import { textExpressions } from './text-expressions.ts';

type Expression = (document: unknown, operand: unknown, options: Options) => unknown;

/** Of two values of any type, in MongoDB's order: what is missing stands before null. mingo's know no order between types. */
function comparison(name: string, resultOf: (order: number) => unknown): Expression {
  return (document, operands, options) => {
    if (!Array.isArray(operands) || operands.length !== 2) {
      throw new MongoServerError('BadValue', `Expression ${name} takes exactly 2 arguments`);
    }
    const [left, right] = (operands as unknown[]).map((operand) => evalExpr(document as never, operand, options));
    return resultOf(Math.sign(compareValues(left, right)));
  };
}

const not: Expression = (document, operand, options) => {
  const [single, ...others] = [operand].flat();
  if (others.length > 0) throw new MongoServerError('BadValue', 'Expression $not takes exactly 1 argument');
  const value = evalExpr(document, single, options);
  return value === false || value === null || value === undefined || value === 0;
};

const modulo: Expression = (document, operands, options) => {
  const result = $mod(document as never, operands as never, options);
  if (Number.isNaN(result)) throw new MongoServerError('BadValue', "can't $mod by zero");
  return result;
};

/** mingo goes on into the next month where MongoDB takes the last day of the month. */
function dateShift(name: string, shift: typeof $dateAdd): Expression {
  return (document, operand, options) => {
    const { startDate, unit } = evalExpr(document, operand, options) as {
      startDate?: unknown;
      unit?: unknown;
    };
    if (startDate === null || startDate === undefined) return null;
    const isByMonths = unit === 'month' || unit === 'quarter' || unit === 'year';
    if (isByMonths && startDate instanceof Date && startDate.getUTCDate() > 27) {
      refuseFeature(`${name} by ${unit} from a day after the 27th`);
    }
    return shift(document as never, operand, options);
  };
}

/** The expressions whose answer depends on MongoDB's types, in place of mingo's. */
export const valueExpressions: Record<string, Expression> = {
  ...arrayExpressions,
  ...textExpressions,
  $eq: comparison('$eq', (order) => order === 0),
  $ne: comparison('$ne', (order) => order !== 0),
  $gt: comparison('$gt', (order) => order > 0),
  $gte: comparison('$gte', (order) => order >= 0),
  $lt: comparison('$lt', (order) => order < 0),
  $lte: comparison('$lte', (order) => order <= 0),
  $cmp: comparison('$cmp', (order) => order),
  $not: not,
  $mod: modulo,
  $dateAdd: dateShift('$dateAdd', $dateAdd),
  $dateSubtract: dateShift('$dateSubtract', $dateSubtract),
};

/** Whether an operand is `{ $operator: … }`. */
export function isOperatorDocument(operand: unknown): boolean {
  const [key, ...others] = isDocument(operand) ? Object.keys(operand) : [];
  return key?.startsWith('$') === true && others.length === 0;
}
