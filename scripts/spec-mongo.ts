import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startMongoServer } from '@chatbusiness/embedded-mongo';
import Table from 'cli-table3';
import { type Outcome, runCase } from './spec-mongo/run-case.ts';
import { missedRequirement, readTestFiles, type TestFile } from './spec-mongo/unified-test.ts';

/**
 * MongoDB's own CRUD tests against the embedded database, through the official driver. `--dir FOLDER` holds the test files, `--all` lists
 * each test, `--json` prints the result as the last line. Exit 1 if a test fails; without the files nothing is run and `met` is null.
 */
const { values: options } = parseArgs({
  options: {
    dir: { type: 'string', default: path.join(import.meta.dirname, '../../shared/mongo-crud-tests') },
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
/** As the server says of itself. */
const VERSION = '8.0.0';

if (existsSync(options.dir)) await run(readTestFiles(options.dir));
else report(null, { note: `not run: there is no ${options.dir}` });

interface Row {
  readonly name: string;
  readonly outcome: Outcome;
}

async function run(files: readonly TestFile[]): Promise<void> {
  const server = await startMongoServer({ memory: true });
  const rows: Row[] = [];
  try {
    for (const file of files) rows.push(...(await runFile(server.uri, file)));
  } finally {
    await server.close();
  }
  const counts = { passed: 0, failed: 0, 'not applicable': 0 };
  for (const { outcome } of rows) counts[outcome.state] += 1;
  showDetails(rows);
  const table = new Table({ head: ['passed', 'failed', 'not applicable'] });
  table.push([counts.passed, counts.failed, counts['not applicable']]);
  process.stdout.write(`${table.toString()}\n`);
  report(counts.failed === 0, { ...counts, refused: countRefused(rows) });
  if (counts.failed > 0) process.exitCode = 1;
}

async function runFile(uri: string, file: TestFile): Promise<Row[]> {
  const rows: Row[] = [];
  for (const test of file.tests) {
    const missed =
      missedRequirement(file.runOnRequirements, VERSION) ?? missedRequirement(test.runOnRequirements, VERSION);
    const outcome: Outcome =
      missed === undefined ? await runCase(uri, file, test) : { state: 'not applicable', feature: missed };
    rows.push({ name: `${file.description}: ${test.description}`, outcome });
  }
  return rows;
}

/** How many tests each refusal keeps from running. */
function countRefused(rows: readonly Row[]): Record<string, number> {
  const refused: Record<string, number> = {};
  for (const { outcome } of rows) {
    if (outcome.state === 'not applicable') refused[outcome.feature] = (refused[outcome.feature] ?? 0) + 1;
  }
  return refused;
}

function showDetails(rows: readonly Row[]): void {
  const features = new Table({ head: ['not applicable', 'tests'] });
  for (const [feature, count] of Object.entries(countRefused(rows)).sort(([, a], [, b]) => b - a)) {
    features.push([feature, count]);
  }
  if (options.all) for (const { name, outcome } of rows) process.stdout.write(`${outcome.state.padEnd(15)} ${name}\n`);
  process.stdout.write(`${features.toString()}\n`);
  for (const { name, outcome } of rows) {
    if (outcome.state === 'failed') process.stdout.write(`failed: ${name}\n  ${outcome.why}\n`);
  }
}

function report(met: boolean | null, { note, ...results }: { note?: string; [name: string]: unknown }): void {
  if (note) process.stdout.write(`spec:mongo ${note}\n`);
  const line = { name: 'spec:mongo', results: { ...results, ...(note && { note }) }, targets: { failed: '= 0' }, met };
  process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : `met: ${met}\n`);
}
