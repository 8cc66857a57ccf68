import { Query } from 'mingo/query';
import { decode, decodeTyped, type Document, encode, isDocument } from './document.ts';
import { requireComputable } from './exact-values.ts';
import { mingoOptions, refuseOperators, type QueryScope } from './query.ts';

type Project = (raw: Uint8Array) => Uint8Array;

/**
 * Compiles the projection of a find. Plain inclusion and exclusion work on typed values and keep the order of fields; all else
 * ($slice, $elemMatch, the positional `$`, expressions) is mingo's.
 */
export function compileProjection(projection: Document, filter: Document, scope: QueryScope): Project {
  if (Object.keys(projection).length === 0) return (raw) => raw;
  refuseOperators(projection);
  const plain = plainProjection(projection);
  if (plain) return (raw) => encode(plain(decodeTyped(raw)));
  const query = new Query(filter, mingoOptions(scope));
  const require = requireComputable(projection);
  return (raw) => {
    const document = decode(raw);
    require(document);
    return encode(query.find<Document>([document], projection).all()[0] ?? {});
  };
}

interface FieldTree {
  [name: string]: FieldTree | true;
}

function plainProjection(projection: Document): ((document: Document) => Document) | undefined {
  const { _id: idFlag, ...others } = projection;
  const flags = Object.entries(others);
  const isPlain = Object.values(projection).every((flag) => typeof flag === 'boolean' || typeof flag === 'number');
  if (!isPlain || flags.some(([path]) => path.includes('$'))) return undefined;
  const [first] = flags;
  const includes = first ? Boolean(first[1]) : Boolean(idFlag);
  if (flags.some(([, flag]) => Boolean(flag) !== includes)) return undefined;
  const paths = flags.map(([path]) => path);
  const hasId = idFlag === undefined ? true : Boolean(idFlag);
  const tree = treeOf(hasId === includes ? [...paths, '_id'] : paths);
  return includes ? (document) => pick(document, tree) : (document) => omit(document, tree);
}

function treeOf(paths: string[]): FieldTree {
  const tree: FieldTree = {};
  for (const path of paths) {
    const parts = path.split('.');
    const leaf = parts.pop() ?? '';
    let level = tree;
    for (const part of parts) {
      const next = level[part];
      level = typeof next === 'object' ? next : (level[part] = {} as FieldTree);
    }
    level[leaf] = true;
  }
  return tree;
}

function pick(document: Document, tree: FieldTree): Document {
  const picked: Document = {};
  for (const [key, value] of Object.entries(document)) {
    const branch = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (branch === true) picked[key] = value;
    else if (branch) {
      const inner = pickInside(value, branch);
      if (inner !== undefined) picked[key] = inner;
    }
  }
  return picked;
}

function pickInside(value: unknown, tree: FieldTree): unknown {
  if (isDocument(value)) return pick(value, tree);
  if (!Array.isArray(value)) return undefined;
  return value.map((item: unknown) => pickInside(item, tree)).filter((item) => item !== undefined);
}

function omit(document: Document, tree: FieldTree): Document {
  const kept: Document = {};
  for (const [key, value] of Object.entries(document)) {
    const branch = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (branch !== true) kept[key] = branch ? omitInside(value, branch) : value;
  }
  return kept;
}

function omitInside(value: unknown, tree: FieldTree): unknown {
  if (isDocument(value)) return omit(value, tree);
  return Array.isArray(value) ? value.map((item: unknown) => omitInside(item, tree)) : value;
}
