import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type MongoServer, startMongoServer } from '@chatbusiness/embedded-mongo';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCase } from './run-case.ts';
import { missedRequirement, readTestFiles } from './unified-test.ts';

let server: MongoServer;
const folder = mkdtempSync(path.join(tmpdir(), 'spec-mongo-'));

beforeAll(async () => {
  server = await startMongoServer({ memory: true });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const data = (documents: object[]) => [{ databaseName: 'db', collectionName: 'cats', documents }];

async function runTest(operations: object[], outcome: object[] = []) {
  writeFileSync(
    path.join(folder, 'test.json'),
    JSON.stringify({
      description: 'ours',
      createEntities: [
        { client: { id: 'client0' } },
        { database: { id: 'database0', client: 'client0', databaseName: 'db' } },
        { collection: { id: 'cats', database: 'database0', collectionName: 'cats' } },
      ],
      initialData: data([{ _id: 1, name: 'Tom' }]),
      tests: [{ description: 'one', operations: operations.map((each) => ({ object: 'cats', ...each })), outcome }],
    }),
  );
  const [file] = readTestFiles(folder);
  const [one] = file?.tests ?? [];
  if (file === undefined || one === undefined) throw new Error('the test was not read');
  return runCase(server.uri, file, one);
}

const insert = (id: unknown) => ({ name: 'insertOne', arguments: { document: { _id: id } } });

test.each([
  ['a result as expected', [{ name: 'find', arguments: { filter: {} }, expectResult: [{ _id: 1, name: 'Tom' }] }], []],
  ['an expected error of the server', [{ ...insert(1), expectError: { errorCode: 11000, isClientError: false } }], []],
  ['an expected outcome', [insert(2)], data([{ _id: 1, name: 'Tom' }, { _id: 2 }])],
])('%s passes', async (_name, operations, outcome) => {
  expect(await runTest(operations, outcome)).toEqual({ state: 'passed' });
});

test.each([
  [
    'another result',
    [{ name: 'find', arguments: { filter: {} }, expectResult: [{ _id: 1, name: 'Tim' }] }],
    [],
    /"Tom", expected "Tim"/,
  ],
  ['an error that is missing', [{ ...insert(2), expectError: { isError: true } }], [], /should have failed/],
  ['an error that is not expected', [insert(1)], [], /E11000/],
  ['another error than expected', [{ ...insert(1), expectError: { errorCode: 8 } }], [], /code 11000, expected 8/],
  ['a field too many afterwards', [insert(2)], data([{ _id: 1 }, { _id: 2 }]), /has name/],
  ['a document too many afterwards', [insert(2)], data([{ _id: 1, name: 'Tom' }]), /expected/],
])('%s fails', async (_name, operations, outcome, why) => {
  expect(await runTest(operations, outcome)).toEqual({ state: 'failed', why: expect.stringMatching(why) });
});

test('what is refused by name is not applicable, whatever the test expects of it', async () => {
  const find = { name: 'find', arguments: { filter: {}, hint: '_id_' }, expectError: { isError: true } };
  expect(await runTest([find])).toEqual({ state: 'not applicable', feature: 'hint' });
});

test('requirements are those of a server of that version that stands alone', () => {
  expect(missedRequirement(undefined, '8.0.0')).toBeUndefined();
  expect(missedRequirement([{ maxServerVersion: '7.99' }, { minServerVersion: '8.0' }], '8.0.0')).toBeUndefined();
  expect(missedRequirement([{ maxServerVersion: '7.99' }], '8.0.0')).toMatch(/up to 7\.99/);
  expect(missedRequirement([{ topologies: ['replicaset'] }], '8.0.0')).toMatch(/replicaset/);
});
