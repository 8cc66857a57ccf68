import { parseArgs } from 'node:util';
import { drawTable } from './commands/table.ts';
import { type EvalResult, evaluateFixtures } from './eval/fixture-eval.ts';
import { evaluateSet } from './eval/faq-set.ts';

const RIGHT_MIN = 0.95;

/**
 * `npm run eval`: asks the fixture businesses their questions, prints the share right and each wrong answer.
 * `-- --set FILE [--out-of-scope FILE]`: asks the questions of a FAQ set instead. `--json`: one JSON object on the last line.
 * @returns the exit code: 1 if a target isn't met, 2 for options it doesn't know
 */
export async function runEval(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean' }, set: { type: 'string' }, 'out-of-scope': { type: 'string' } },
  });
  const { set, 'out-of-scope': outOfScope, json } = values;
  const report = set === undefined ? await reportFixtures() : await evaluateSet({ set, outOfScope, print });
  if (json === true) print(JSON.stringify(report));
  return report.met ? 0 : 1;
}

async function reportFixtures() {
  const results = await evaluateFixtures();
  const businesses = Map.groupBy(results, ({ business }) => business);
  const kinds = Map.groupBy(results, ({ kind }) => kind);
  const slugs = [...businesses.keys()];
  const rows = [...kinds].map(([kind, asked]) => [
    kind,
    ...slugs.map((slug) => countRight(asked.filter(({ business }) => business === slug))),
  ]);
  print(drawTable(['', ...slugs], [...rows, ['all', ...slugs.map((slug) => countRight(businesses.get(slug) ?? []))]]));
  for (const result of results) if (!isRight(result)) print(describeWrong(result));

  const foreign = results.filter((result) => result.foreign.length > 0).length;
  const shares = Object.fromEntries([...businesses].map(([slug, asked]) => [slug, shareRight(asked)]));
  const met = foreign === 0 && Object.values(shares).every((share) => share >= RIGHT_MIN);
  print(`${foreign} answers with a foreign price, hour or date; median ${medianMs(results)} ms an answer`);
  const byKind = Object.fromEntries([...kinds].map(([kind, asked]) => [kind, shareRight(asked)]));
  return {
    name: 'eval',
    results: { questions: results.length, shares, byKind, foreign, medianMs: medianMs(results) },
    targets: { shareOfEach: RIGHT_MIN, foreign: 0 },
    met,
  };
}

function isRight({ wrong, foreign }: EvalResult): boolean {
  return wrong.length === 0 && foreign.length === 0;
}

function countRight(results: readonly EvalResult[]): string {
  return results.length === 0 ? '' : `${results.filter(isRight).length} of ${results.length}`;
}

function shareRight(results: readonly EvalResult[]): number {
  return Number((results.filter(isRight).length / Math.max(results.length, 1)).toFixed(3));
}

function medianMs(results: readonly EvalResult[]): number {
  const sorted = results.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

function describeWrong({ business, kind, asked, answer, wrong, foreign }: EvalResult): string {
  const reasons = [...wrong, ...foreign.map((fact) => `foreign: ${fact}`)];
  return `\n${business}, ${kind}: ${asked.join(' / ')}\n  ${answer.replaceAll('\n', '\n  ')}\n  -> ${reasons.join('; ')}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) {
  try {
    process.exitCode = await runEval(process.argv.slice(2));
  } catch (error) {
    const isMisuse = Error.isError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${isMisuse ? error.message : Error.isError(error) ? error.stack : String(error)}\n`);
    process.exitCode = isMisuse ? 2 : 1;
  }
}
