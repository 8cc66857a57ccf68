import { type Document, isDocument } from './document.ts';
import { MongoServerError, refuseFeature } from './errors.ts';
import { asksNumberType } from './number-types.ts';
import { compileFilter, type Matcher } from './query.ts';

export interface Index {
  id: number;
  name: string;
  /** SQLite table of the entries: key, rid. */
  table: string;
  paths: string[];
  directions: (1 | -1)[];
  isUnique: boolean;
  isSparse: boolean;
  /** Whether some document has (or had) more than one entry. */
  isMultikey: boolean;
  partial?: { filter: Document; matches: Matcher };
  /** Documents expire so long after the date in the indexed field. */
  expireAfterSeconds?: number;
  /** As it was asked for, in the form listIndexes answers. */
  spec: Document;
}

export function parseIndexSpec(id: number, spec: Document): Index {
  const key = spec['key'] as Record<string, number>;
  const filter = spec['partialFilterExpression'] as Document | undefined;
  const expireAfterSeconds = spec['expireAfterSeconds'] as number | undefined;
  return {
    id,
    name: String(spec['name']),
    table: `i${id}`,
    paths: Object.keys(key),
    directions: Object.values(key).map((direction) => (direction < 0 ? -1 : 1)),
    isUnique: spec['unique'] === true,
    isSparse: spec['sparse'] === true,
    isMultikey: false,
    ...(filter ? { partial: { filter, matches: compileFilter(filter) } } : {}),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
    spec,
  };
}

const knownOptions = new Set([
  'key',
  'name',
  'v',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'ns',
]);
const refusedOptions = [
  'collation',
  'hidden',
  'weights',
  'default_language',
  'wildcardProjection',
  'storageEngine',
  'bits',
  'min',
  'max',
];

/**
 * Checks what createIndexes was asked for and brings it into the form that is stored and listed.
 * @throws CannotCreateIndex, or NotImplemented naming the kind of index or option.
 */
export function normalizeIndexSpec(asked: Document): Document {
  const key = asked['key'];
  if (!isDocument(key) || Object.keys(key).length === 0) throw cannotCreate('Index keys cannot be an empty object');
  for (const option of refusedOptions) if (option in asked) refuseFeature(`the index option ${option}`);
  for (const option of Object.keys(asked)) {
    if (!knownOptions.has(option)) {
      throw new MongoServerError('InvalidOptions', `The field '${option}' is not valid for an index specification`);
    }
  }
  for (const [path, direction] of Object.entries(key)) checkKeyField(path, direction);
  const name = asked['name'] ?? nameOf(key);
  if (typeof name !== 'string' || name === '') throw cannotCreate('index name must be a nonempty string');
  return { v: 2, key, name, ...uniqueness(asked), ...ttlOf(asked, key), ...partialFilterOf(asked) };
}

function checkKeyField(path: string, direction: unknown) {
  if (typeof direction === 'string') refuseFeature(`an index of type ${direction}`);
  if (typeof direction !== 'number' || direction === 0 || Number.isNaN(direction)) {
    throw cannotCreate(`Values in v:2 index key pattern must be numbers other than 0: ${path}`);
  }
  if (path.includes('$**')) refuseFeature('a wildcard index');
  if (path === '' || path.startsWith('$') || path.split('.').includes(''))
    throw cannotCreate(`'${path}' is no path for an index`);
}

export function nameOf(key: Document): string {
  return Object.entries(key)
    .map(([path, direction]) => `${path}_${String(direction)}`)
    .join('_');
}

function uniqueness(asked: Document): Document {
  return { ...(asked['unique'] ? { unique: true } : {}), ...(asked['sparse'] ? { sparse: true } : {}) };
}

function ttlOf(asked: Document, key: Document): Document {
  const seconds = asked['expireAfterSeconds'];
  if (seconds === undefined) return {};
  if (typeof seconds !== 'number' || seconds < 0 || seconds > 2 ** 31 - 1) {
    throw cannotCreate('expireAfterSeconds must be a number between 0 and 2147483647');
  }
  if (Object.keys(key).length > 1)
    throw cannotCreate('TTL indexes are single-field indexes, compound indexes do not support TTL');
  return { expireAfterSeconds: seconds };
}

function partialFilterOf(asked: Document): Document {
  const filter = asked['partialFilterExpression'];
  if (filter === undefined) return {};
  if (!isDocument(filter)) throw cannotCreate('partialFilterExpression must be an object');
  if (asked['sparse']) throw cannotCreate('cannot mix "partialFilterExpression" and "sparse" options');
  compileFilter(filter);
  checkPartialFilter(filter);
  if (asksNumberType(filter)) refuseFeature('$type of a number in a partial index');
  return { partialFilterExpression: filter };
}

const partialOperators = new Set(['$and', '$or', '$eq', '$exists', '$gt', '$gte', '$in', '$lt', '$lte', '$type']);

/** Of an array, a negative condition says nothing about the single elements: such an index would not hold every match. */
function checkPartialFilter(filter: unknown) {
  if (Array.isArray(filter)) return filter.forEach(checkPartialFilter);
  if (!isDocument(filter)) return;
  for (const [key, operand] of Object.entries(filter)) {
    if (key.startsWith('$') && (!partialOperators.has(key) || (key === '$exists' && !operand)))
      throw cannotCreate(`unsupported expression in partial index: ${key}`);
    if (key !== '$eq') checkPartialFilter(operand);
  }
}

function cannotCreate(message: string): MongoServerError {
  return new MongoServerError('CannotCreateIndex', message);
}
