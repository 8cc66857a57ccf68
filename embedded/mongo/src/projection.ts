import { Query } from 'mingo/query';
import { decode, decodeTyped, type Document, encode, isDocument } from './document.ts';
import { requireComputable } from './exact-values.ts';
import { findElemMatch, findSlice, positional, type ValueProjection } from './projection-operators.ts';
import { checkProjection } from './stage-checks.ts';
import { mingoOptions, prepareFilter, type QueryScope } from './query.ts';
import { compileFields, compileProjected } from './expression-syntax.ts';
import { refuseOperators } from './refused-operators.ts';

type Project = (raw: Uint8Array) => Uint8Array;

/**
 * Compiles the projection of a find. What selects fields and elements works on typed values and keeps the order of fields; what
 * computes is mingo's.
 */
export function compileProjection(projection: Document, filter: Document, scope: QueryScope): Project {
  if (Object.keys(projection).length === 0) return (raw) => raw;
  refuseOperators(projection);
  checkProjection(projection);
  const selection = selectingProjection(projection, filter);
  if (selection) return (raw) => encode(selection(decodeTyped(raw)));
  const query = new Query(prepareFilter(filter), mingoOptions(scope));
  const computed = compileFields(projection, compileProjected);
  const require = requireComputable(computed);
  return (raw) => {
    const document = decode(raw);
    require(document);
    return encode(query.find<Document>([document], computed).all()[0] ?? {});
  };
}

interface FieldTree {
  [name: string]: FieldTree | Leaf;
}

/** The whole value, or a part of it. */
type Leaf = true | ValueProjection;

function isBranch(node: FieldTree | Leaf | undefined): node is FieldTree {
  return typeof node === 'object';
}

type Flag = boolean | number;

/** A projection by what it says of each path; undefined if it computes something. */
function parseProjection(projection: Document, filter: Document) {
  const flags = new Map<string, Flag>();
  const parts = new Map<string, ValueProjection>();
  /** MongoDB puts these after the other fields. */
  const matched = new Map<string, ValueProjection>();
  for (const [path, operand] of flatten(projection)) {
    const slice = findSlice(operand);
    const match = findElemMatch(path, operand);
    if (match) matched.set(path, match);
    else if (slice) parts.set(path, slice);
    else if (typeof operand !== 'boolean' && typeof operand !== 'number') return undefined;
    else if (operand && path.endsWith('.$')) parts.set(path.slice(0, -2), positional(path.slice(0, -2), filter));
    else if (path.includes('$')) return undefined;
    else flags.set(path, operand);
  }
  return { flags, parts, matched, isPositional: Object.keys(projection).some((path) => path.endsWith('.$')) };
}

function flatten(projection: Document, prefix = ''): [path: string, operand: unknown][] {
  return Object.entries(projection).flatMap(([key, operand]) => {
    const isNested = isDocument(operand) && Object.keys(operand).every((inner) => !inner.startsWith('$'));
    return isNested ? flatten(operand, `${prefix}${key}.`) : [[`${prefix}${key}`, operand]];
  });
}

function selectingProjection(projection: Document, filter: Document): ((document: Document) => Document) | undefined {
  const parsed = parseProjection(projection, filter);
  if (!parsed) return undefined;
  const { flags, parts, matched, isPositional } = parsed;
  const idFlag = flags.get('_id');
  flags.delete('_id');
  const [first] = flags.values();
  const includes = Boolean(first ?? (isPositional || matched.size > 0 || idFlag));
  if ([...flags.values()].some((flag) => Boolean(flag) !== includes)) return undefined;
  const hasId = idFlag === undefined ? true : Boolean(idFlag);
  const paths = [...flags.keys(), ...(hasId === includes ? ['_id'] : []), ...(includes ? [] : matched.keys())];
  const tree = treeOf([...paths.map((path) => [path, true] as const), ...parts]);
  const select = includes ? pick : omit;
  return (document) => {
    const selected = select(document, tree);
    for (const [field, match] of matched) {
      const value = match(document[field]);
      if (value !== undefined) selected[field] = value;
    }
    return selected;
  };
}

function treeOf(paths: (readonly [path: string, leaf: Leaf])[]): FieldTree {
  const tree: FieldTree = {};
  for (const [path, leaf] of paths) {
    const parts = path.split('.');
    const last = parts.pop() ?? '';
    let level = tree;
    for (const part of parts) {
      const next = level[part];
      level = isBranch(next) ? next : (level[part] = {} as FieldTree);
    }
    level[last] = leaf;
  }
  return tree;
}

function pick(document: Document, tree: FieldTree): Document {
  const picked: Document = {};
  for (const [key, value] of Object.entries(document)) {
    const node = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (node === undefined) continue;
    const inner = isBranch(node) ? pickInside(value, node) : node === true ? value : node(value);
    if (inner !== undefined) picked[key] = inner;
  }
  return picked;
}

function pickInside(value: unknown, tree: FieldTree): unknown {
  if (isDocument(value)) return pick(value, tree);
  if (!Array.isArray(value)) return undefined;
  return value.map((item: unknown) => pickInside(item, tree)).filter((item) => item !== undefined);
}

/** Leaves out what the tree names whole, and keeps the parts it names of others. */
function omit(document: Document, tree: FieldTree): Document {
  const kept: Document = {};
  for (const [key, value] of Object.entries(document)) {
    const node = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (node === true) continue;
    kept[key] = isBranch(node) ? omitInside(value, node) : node ? node(value) : value;
  }
  return kept;
}

function omitInside(value: unknown, tree: FieldTree): unknown {
  if (isDocument(value)) return omit(value, tree);
  return Array.isArray(value) ? value.map((item: unknown) => omitInside(item, tree)) : value;
}
