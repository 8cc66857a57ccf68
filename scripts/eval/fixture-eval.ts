import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadFixtures } from '../../src/demo/fixtures.ts';
import type { TestApp } from '../../src/testing/start-app.ts';
import { askThread, createSetClock, startService } from './ask-service.ts';
import { collectFacts, findForeignFacts } from './foreign-facts.ts';
import { type EvalQuestion, EvalQuestions, judge } from './question.ts';
import type { EvalRun } from './run.ts';

export interface EvalResult {
  readonly business: string;
  readonly kind: string;
  readonly asked: readonly string[];
  readonly answer: string;
  /** What the answer lacks or shouldn't have; empty if it is right. */
  readonly wrong: readonly string[];
  /** Prices, hours and dates that are not the business's. */
  readonly foreign: readonly string[];
  readonly durationMs: number;
}

const ORIGIN = 'http://localhost';

/**
 * Asks businesses the questions of their folder's `questions.json` through the HTTP API, each in a thread of its own.
 * @throws ZodError for a file that isn't of that form
 */
export async function evaluateFixtures(folder: string, { signal, onProgress }: EvalRun): Promise<EvalResult[]> {
  const file = path.join(folder, 'questions.json');
  const { at, questions } = EvalQuestions.parse(JSON.parse(await readFile(file, 'utf8')));
  const clock = createSetClock();
  clock.set(Temporal.ZonedDateTime.from(at));
  await using app = await startService(clock);
  const keys = await seed(app, folder);
  await app.untilRanked();
  const fixtures = await loadFixtures(folder);
  const facts = new Map(fixtures.map((fixture) => [fixture.account.slug, collectFacts(fixture)]));
  const results: EvalResult[] = [];
  for (const [done, question] of questions.entries()) {
    signal.throwIfAborted();
    onProgress({ done, total: questions.length });
    const moment = Temporal.ZonedDateTime.from(question.at ?? at);
    clock.set(moment);
    const asked = [question.ask].flat();
    const known = facts.get(question.business);
    const key = keys.get(question.business);
    if (known === undefined || key === undefined) throw new Error(`there is no fixture business ${question.business}`);
    const { text, durationMs } = await askThread(app, { key, origin: ORIGIN }, asked);
    results.push({
      ...describe(question),
      asked,
      answer: text,
      wrong: judge(text, question),
      foreign: findForeignFacts(text, asked.join('\n'), known, moment.toPlainDate()),
      durationMs,
    });
  }
  return results;
}

function describe({ business, kind }: EvalQuestion) {
  return { business, kind };
}

/** The demo businesses as `npm start` makes them, searchable. @returns their publishable keys by slug */
async function seed({ service }: TestApp, folder: string): Promise<Map<string, string>> {
  const { demo, accounts, context } = service;
  if (demo === undefined) throw new Error('this service has no demo');
  await demo.seed(folder);
  const businesses = await demo.list();
  for (const { slug } of businesses) {
    const account = await accounts.findBySlug(slug);
    if (account !== undefined) await context.sync(account._id);
  }
  return new Map(businesses.map(({ slug, publishableKey }) => [slug, publishableKey]));
}
