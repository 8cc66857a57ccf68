import { demoFixtures } from '../../src/demo/fixtures.ts';
import type { CliContext } from './command.ts';
import { startBar } from './progress-bar.ts';

export interface EvalOptions {
  readonly businesses?: string;
  readonly set?: string;
  readonly outOfScope?: string;
}

/** `eval`: exit 1 if a target isn't met. It asks a service of its own, so that it needs and changes none. */
export async function evalCommand(
  { businesses = demoFixtures, set, outOfScope }: EvalOptions,
  { isJson, signal, print }: Omit<CliContext, 'service'>,
): Promise<number> {
  // Loaded only now: with them come the tests' tools, which other commands do without.
  const { reportFixtures } = await import('../eval/report-fixtures.ts');
  const { evaluateSet } = await import('../eval/faq-set.ts');
  const bar = startBar('eval', { isJson, unit: 'questions' });
  const lines: string[] = [];
  const run = { signal, onProgress: bar.show, print: (text: string) => void lines.push(text) };
  try {
    const report =
      set === undefined ? await reportFixtures(businesses, run) : await evaluateSet({ ...run, set, outOfScope });
    bar.end('asked');
    print(isJson ? JSON.stringify(report) : lines.join('\n'));
    return report.met ? 0 : 1;
  } catch (error) {
    bar.end('stopped');
    throw error;
  }
}
