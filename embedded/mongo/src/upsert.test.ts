import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Double, Int32, Long } from 'bson';
import fc from 'fast-check';
import { answerCommand } from './commands/dispatch.ts';
import { type Document, encode, encodeWithRaw, decodeTyped } from './document.ts';
import { type Engine, openEngine } from './engine.ts';

let engine: Engine;

beforeEach(() => {
  engine = openEngine(':memory:');
});

afterEach(() => engine.close());

async function ask(command: Document): Promise<Document> {
  const body = encode({ ...command, $db: 'test' });
  const received = { requestId: 1, body, sequences: {}, isLegacy: false, expectsAnswer: true };
  return decodeTyped(encodeWithRaw(await answerCommand(engine, received)));
}

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((value) => new Int32(value)),
  fc.integer({ min: -5, max: 5 }).map((value) => Long.fromNumber(value)),
  fc.constantFrom(0.5, -2.25, 3).map((value) => new Double(value)),
);
const scalar = fc.oneof(number, fc.constantFrom<unknown>('a', '', null, true, new Date(5)));
const list = fc.array(scalar, { maxLength: 3 });
const names = ['a', 'b', 'c', 'd.x', 'e.y'] as const;

/** Of each path at most one operator, so that none is in another's way. */
const change = fc
  .tuple(
    ...names.map(() =>
      fc.oneof(
        fc.constant(undefined),
        fc.record({ operator: fc.constantFrom('$set', '$min', '$max', '$setOnInsert'), operand: scalar }),
        fc.record({ operator: fc.constantFrom('$inc', '$mul'), operand: number }),
        fc.record({ operator: fc.constantFrom('$push', '$addToSet'), operand: scalar }),
        fc.record({ operator: fc.constantFrom('$push', '$addToSet'), operand: list.map(($each) => ({ $each })) }),
        fc.record({ operator: fc.constant('$unset'), operand: fc.constant('') }),
        fc.record({ operator: fc.constant('$pullAll'), operand: list }),
      ),
    ),
  )
  .map((chosen) => {
    const update: Record<string, Document> = {};
    for (const [at, choice] of chosen.entries()) {
      if (choice) (update[choice.operator] ??= {})[names[at] ?? ''] = choice.operand;
    }
    return update;
  })
  .filter((update) => Object.keys(update).length > 0);
const equalities = fc.record({ a: scalar, b: number, c: list }, { requiredKeys: [] });
const more = fc.constantFrom<Document>({}, { f: { $gt: 1 } }, { f: { $exists: false } }, { f: { $ne: 'z' } });

test('an upsert that finds nothing is the same as an insert of what the filter says, and an update', async () => {
  let id = 0;
  await fc.assert(
    fc.asyncProperty(equalities, more, change, async (fields, conditions, u) => {
      id += 1;
      const upserted = await ask({
        update: 'upserted',
        updates: [{ q: { _id: id, ...fields, ...conditions }, u, upsert: true }],
      });
      await ask({ insert: 'inserted', documents: [{ _id: id, ...fields }] });
      const { $setOnInsert = {}, ...rest } = u;
      const asUpdate = { ...rest, ...mergedSets(rest['$set'], $setOnInsert) };
      const updated = await ask({ update: 'inserted', updates: [{ q: { _id: id }, u: asUpdate }] });

      expect(codesOf(upserted)).toEqual(codesOf(updated));
      if (codesOf(upserted).length > 0) return;
      expect(await read('upserted', id)).toEqual(await read('inserted', id));
      expect(upserted).toMatchObject({ n: new Int32(1), nModified: new Int32(0), upserted: [{ index: new Int32(0) }] });
    }),
    { numRuns: 500 },
  );
});

test('an upsert that finds a document changes it as an update does, and inserts nothing', async () => {
  let id = 0;
  await fc.assert(
    fc.asyncProperty(equalities, change, async (fields, u) => {
      id += 1;
      for (const name of ['upserted', 'updated']) await ask({ insert: name, documents: [{ _id: id, ...fields }] });
      const upserted = await ask({ update: 'upserted', updates: [{ q: { _id: id }, u, upsert: true }] });
      const updated = await ask({ update: 'updated', updates: [{ q: { _id: id }, u }] });

      expect(upserted).toEqual(updated);
      expect(await read('upserted', id)).toEqual(await read('updated', id));
    }),
    { numRuns: 300 },
  );
});

function mergedSets(set: Document | undefined, setOnInsert: Document): Document {
  const merged = { ...set, ...setOnInsert };
  return Object.keys(merged).length === 0 ? {} : { $set: merged };
}

function codesOf({ writeErrors = [] }: Document): unknown[] {
  return (writeErrors as { code: unknown }[]).map(({ code }) => code);
}

async function read(name: string, id: number): Promise<unknown> {
  const { cursor } = await ask({ find: name, filter: { _id: id } });
  return (cursor as { firstBatch: Document[] }).firstBatch;
}
