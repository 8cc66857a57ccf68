import { type Document, isDocument } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { isOperatorDocument } from './value-expressions.ts';

type StageCheck = (operand: unknown) => void;

function check(
  isGood: boolean,
  message: string,
  codeName: ConstructorParameters<typeof MongoServerError>[0] = 'BadValue',
) {
  if (!isGood) throw new MongoServerError(codeName, message);
}

const isWhole = (operand: unknown, least: number) => Number.isInteger(operand) && (operand as number) >= least;
const isFilled = (operand: unknown): operand is Document => isDocument(operand) && Object.keys(operand).length > 0;

/** What MongoDB refuses in a stage and mingo would answer somehow. */
export const stageChecks: Record<string, StageCheck> = {
  $limit: (limit) => check(isWhole(limit, 1), 'the limit must be positive', 'Location15958'),
  $skip: (skip) => check(isWhole(skip, 0), 'invalid argument to $skip stage: it must be a whole number from 0 on'),
  $match: (filter) => check(isDocument(filter), 'the match filter must be an expression in an object'),
  $sort: (sort) => check(isFilled(sort), '$sort stage must have at least one sort key'),
  $project: (projection) => {
    check(isFilled(projection), '$project: specification must have at least one field');
    checkProjection(projection as Document);
  },
  $group: (group) => {
    check(isFilled(group), "a group's fields must be specified in an object");
    for (const [field, accumulator] of Object.entries(group as Document)) {
      if (field === '_id') continue;
      check(!field.includes('.'), `The field name '${field}' cannot contain '.'`);
      check(isOperatorDocument(accumulator), `The field '${field}' must be an accumulator object`);
    }
  },
  $unwind: (operand) => {
    const { path, ...options } = isDocument(operand) ? operand : { path: operand };
    check(
      typeof path === 'string' && path.startsWith('$') && path.length > 1,
      "path option to $unwind stage should be prefixed with a '$'",
    );
    const known = ['includeArrayIndex', 'preserveNullAndEmptyArrays'];
    check(
      Object.keys(options).every((option) => known.includes(option)),
      'unrecognized option to $unwind stage',
    );
  },
  $lookup: (lookup) => {
    const as = isDocument(lookup) ? lookup['as'] : undefined;
    if (typeof as === 'string' && as.includes('.')) refuseFeature('$lookup into a nested field');
  },
};

const isFlag = (operand: unknown) => typeof operand === 'boolean' || typeof operand === 'number';

/** @throws BadValue where fields are named both to keep and to leave out, or one inside of another. */
export function checkProjection(projection: Document) {
  const flags = Object.entries(projection).filter(([path]) => path !== '_id');
  const isMixed =
    flags.some(([, operand]) => isFlag(operand) && Boolean(operand)) &&
    flags.some(([, operand]) => isFlag(operand) && !operand);
  check(!isMixed, 'Cannot do exclusion in inclusion projection');
  for (const path of Object.keys(projection)) {
    const inner = Object.keys(projection).find((other) => other.startsWith(`${path}.`) && other !== `${path}.$`);
    check(inner === undefined, `Path collision at ${inner ?? ''}`);
  }
}
