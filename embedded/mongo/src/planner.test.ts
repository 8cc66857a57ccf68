import { expect, test } from '@jest/globals';
import { ObjectId } from 'bson';
import fc from 'fast-check';
import type { Collection } from './catalog.ts';
import { decode, type Document, encode } from './document.ts';
import { type Engine, openEngine } from './engine.ts';
import { normalizeIndexSpec } from './index-spec.ts';
import { planQuery } from './planner.ts';
import { compileFilter } from './query.ts';
import { readRecords } from './read.ts';
import { parseSort, sortBy } from './sort.ts';

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'a', 'b', 'ab'),
  fc.constantFrom(null, true, false, 1.5, Number.NaN),
  fc.constantFrom(new Date(0), new Date(5), new ObjectId('00000000000000000000000a')),
);
const value = fc.oneof({ weight: 5, arbitrary: scalar }, fc.array(scalar, { maxLength: 3 }), fc.record({ x: scalar }), fc.array(fc.record({ x: scalar, y: scalar }, { requiredKeys: [] }), { maxLength: 3 })); // prettier-ignore
const documents = fc.array(fc.record({ a: value, b: value, c: scalar }, { requiredKeys: [] }), { maxLength: 12 });

const path = fc.constantFrom('a', 'b', 'c', 'a.x', 'a.y', 'b.x');
const direction = fc.constantFrom(1, -1);
const indexSpec = fc.record({
  key: fc.dictionary(path, direction, { minKeys: 1, maxKeys: 3 }),
  kind: fc.constantFrom({}, {}, { sparse: true }, { partialFilterExpression: { c: { $exists: true } } }),
});

const operand = fc.oneof({ weight: 4, arbitrary: scalar }, value);
const range = fc.record({ $gt: scalar, $gte: scalar, $lt: scalar, $lte: scalar }, { requiredKeys: [] });
const condition = fc.oneof(
  operand,
  fc.record({ $eq: operand }),
  fc.record({ $in: fc.array(operand, { maxLength: 3 }) }),
  range.filter((bounds) => Object.keys(bounds).length > 0),
  fc.record({ $ne: operand }),
  fc.record({ $exists: fc.boolean() }),
);
const fields = fc.dictionary(path, condition, { maxKeys: 3 });
const filter = fc.oneof(
  { weight: 4, arbitrary: fields },
  fc.record({ $and: fc.array(fields, { minLength: 1, maxLength: 2 }) }),
  fc.record({ $or: fc.array(fields, { minLength: 1, maxLength: 3 }), c: condition }, { requiredKeys: ['$or'] }),
  fc.record({ $and: fc.tuple(fc.record({ $or: fc.array(fields, { minLength: 1, maxLength: 2 }) }), fields) }),
);
const sort = fc.dictionary(path, direction, { maxKeys: 2 });

function filled(engine: Engine, contents: Document[], indexes: { key: Document; kind: Document }[]): Collection {
  const collection = engine.catalog.create('test', 'things');
  for (const { key, kind } of indexes) {
    const spec = normalizeIndexSpec({ key, ...kind });
    if (!collection.indexes.some(({ name }) => name === spec['name'])) engine.catalog.addIndex(collection, spec);
  }
  contents.forEach((content, position) => {
    const raw = encode({ _id: position, ...content });
    try {
      engine.records.insert(collection, raw, decode(raw));
    } catch (error) {
      expect(String(error)).toMatch(/parallel arrays/);
    }
  });
  return collection;
}

test('a query answers the same with indexes as a scan of all documents', async () => {
  await fc.assert(
    fc.asyncProperty(
      documents,
      fc.array(indexSpec, { maxLength: 3 }),
      filter,
      sort,
      async (contents, indexes, asked, order) => {
        const engine = openEngine(':memory:');
        try {
          const collection = filled(engine, contents, indexes);
          const request = { filter: decode(encode(asked)), sort: parseSort(order) };
          const all = [...readRecords(engine.database, { ...collection, indexes: [] }, { filter: {} })];
          const matches = compileFilter(request.filter);
          const expected = sortBy(
            all.filter(({ document }) => matches(document)),
            request.sort,
            ({ document }) => document,
          );

          const found = [...readRecords(engine.database, collection, request)];

          const ids = (records: typeof found) => records.map(({ document }) => document['_id']).sort();
          expect(ids(found)).toEqual(ids(expected));
          const keys = (records: typeof found) =>
            records.map(({ document }) => Object.keys(order).map((key) => sortKeyOf(document, key)));
          expect(keys(found)).toEqual(keys(expected));
        } finally {
          await engine.close();
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** Only whole fields tell the order apart without repeating how arrays sort. */
function sortKeyOf(document: Document, key: string): unknown {
  const at = document[key] ?? null;
  return key.includes('.') || Array.isArray(at) || Number.isNaN(at) ? 'any' : at;
}

test('an $or is read from indexes where each of its parts has one, and not where another condition narrows more', async () => {
  const engine = openEngine(':memory:');
  const indexes = ['a', 'b', 'c'].map((key) => ({ key: { [key]: 1 }, kind: {} }));
  const collection = filled(engine, [], indexes);
  const plan = (asked: Document, order: Document = {}) => planQuery(collection, asked, parseSort(order));
  const either = { $or: [{ a: 1 }, { b: { $gt: 2 }, d: 3 }] };
  expect(plan(either)).toMatchObject({ kind: 'union', plans: [{ name: 'a_1' }, { name: 'b_1' }] });
  expect(plan(either, { c: 1 })).toMatchObject({ kind: 'union', isSorted: false });
  expect(plan({ $and: [{ d: 1 }, either] })).toMatchObject({ kind: 'union' });
  expect(plan({ ...either, c: 1 })).toMatchObject({ kind: 'index', name: 'c_1' });
  expect(plan({ $or: [{ a: 1 }, { d: 1 }] })).toMatchObject({ kind: 'collection' });
  await engine.close();
});

test('an equality on the beginning of an index, a range after it and a matching order are read from the index', async () => {
  const engine = openEngine(':memory:');
  const collection = filled(engine, [], [{ key: { a: 1, b: -1 }, kind: {} }]);
  const plan = (asked: Document, order: Document = {}) => planQuery(collection, asked, parseSort(order));
  expect(plan({ a: 1 })).toMatchObject({ kind: 'index', name: 'a_1_b_-1' });
  expect(plan({ a: 1, b: { $gt: 2 } }, { b: 1 })).toMatchObject({ kind: 'index', isSorted: true, isReverse: true });
  expect(plan({}, { a: -1, b: 1 })).toMatchObject({ kind: 'index', isSorted: true, isReverse: true });
  expect(plan({}, { a: 1, b: 1 })).toMatchObject({ kind: 'collection', isSorted: false });
  expect(plan({ _id: { $in: [1, 2] } })).toMatchObject({ kind: 'index', name: '_id_' });
  expect(plan({ b: 1 })).toMatchObject({ kind: 'collection' });
  await engine.close();
});
