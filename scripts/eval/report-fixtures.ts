import { drawTable } from '../commands/table.ts';
import { type EvalResult, evaluateFixtures } from './fixture-eval.ts';
import type { EvalRun } from './run.ts';

const RIGHT_MIN = 0.95;

/** Asks the businesses of a folder their questions, prints the share right and each wrong answer. */
export async function reportFixtures(folder: string, run: EvalRun) {
  const { print } = run;
  const results = await evaluateFixtures(folder, run);
  const businesses = Map.groupBy(results, ({ business }) => business);
  const kinds = Map.groupBy(results, ({ kind }) => kind);
  const slugs = [...businesses.keys()];
  const rows = [...kinds].map(([kind, asked]) => [
    kind,
    ...slugs.map((slug) => countRight(asked.filter(({ business }) => business === slug))),
  ]);
  print(drawTable(['', ...slugs], [...rows, ['all', ...slugs.map((slug) => countRight(businesses.get(slug) ?? []))]]));
  const wrong = results.filter((result) => !isRight(result));
  for (const result of wrong) print(describeWrong(result));

  const foreign = results.filter((result) => result.foreign.length > 0).length;
  const shares = Object.fromEntries([...businesses].map(([slug, asked]) => [slug, shareRight(asked)]));
  const met = foreign === 0 && Object.values(shares).every((share) => share >= RIGHT_MIN);
  print(`${foreign} answers with a foreign price, hour or date; median ${medianMs(results)} ms an answer`);
  const byKind = Object.fromEntries([...kinds].map(([kind, asked]) => [kind, shareRight(asked)]));
  return {
    name: 'eval',
    results: { questions: results.length, shares, byKind, foreign, medianMs: medianMs(results), wrong },
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
