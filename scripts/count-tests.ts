import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Adds up jest's JSON reports and prints `N passed, N failed`. A report that is missing, and a file that could not even be read, count as a
 * failure; exit 1 if there is any, or if nothing ran.
 */
const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
});

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  const report = readReport(file);
  sum.passed += report?.numPassedTests ?? 0;
  sum.failed += report === undefined ? 1 : report.numFailedTests + report.numRuntimeErrorTestSuites;
  sum.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
}
const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;

function readReport(file: string): z.infer<typeof Report> | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    process.stderr.write(`${file}: no report: ${Error.isError(error) ? error.message : String(error)}\n`);
    return undefined;
  }
}
