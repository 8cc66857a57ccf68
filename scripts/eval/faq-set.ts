import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hasErrorCode } from '../../src/platform/error-code.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { anAccount, ORIGIN, type TestApp } from '../../src/testing/start-app.ts';
import { drawTable } from '../commands/table.ts';
import { askThread, startService } from './ask-service.ts';
import type { EvalRun } from './run.ts';
import { drawCurve, rankByEngine, type Ranked } from './threshold-curve.ts';

const FaqSet = z.object({
  businesses: z.array(
    z.object({
      slug: z.string(),
      name: z.string(),
      faqs: z.array(z.object({ id: z.string(), question: z.string(), answer: z.string() })),
      questions: z.array(z.object({ text: z.string(), faqIds: z.array(z.string()) })),
    }),
  ),
});
export type SetBusiness = z.infer<typeof FaqSet>['businesses'][number];

const OutOfScope = z.object({ questions: z.array(z.object({ text: z.string(), business: z.string() })) });

interface SetReport {
  name: string;
  results: Record<string, unknown>;
  targets: Record<string, never>;
  met: boolean;
}

/** Answers as long as this are told apart by what a FAQ answer begins with. */
const BEGINNING_CHARS = 40;

/**
 * Loads each business of a FAQ set with its FAQs alone, asks it its questions and those out of scope, and tells the share
 * answered from a right FAQ and the share declined. A file that isn't there is told by name, and its questions are not asked.
 */
export async function evaluateSet(
  options: EvalRun & { set: string; outOfScope: string | undefined },
): Promise<SetReport> {
  const { set, outOfScope, signal, onProgress, print } = options;
  const report: SetReport = { name: 'eval-set', results: {}, targets: {}, met: true };
  const faqSet = await readOptional(set, FaqSet, print);
  if (faqSet === undefined) return { ...report, results: { notRun: [set] } };
  const foreign = outOfScope === undefined ? undefined : await readOptional(outOfScope, OutOfScope, print);

  await using app = await startService(systemClock);
  const tally: Tally = { asked: 0, right: 0, wrong: 0, outOfScope: 0, declined: 0 };
  const total = faqSet.businesses.flatMap(({ questions }) => questions).length + (foreign?.questions.length ?? 0);
  const asked: Scored[] = [];
  const declinable: Ranked[] = [];
  for (const business of faqSet.businesses) {
    const beside = (foreign?.questions ?? []).filter((question) => belongs(question.business, business, faqSet));
    const ranked = await rankByEngine(
      business,
      [...business.questions, ...beside].map(({ text }) => text),
    );
    declinable.push(...ranked.slice(business.questions.length));
    asked.push(...business.questions.map((question, at) => scoreFirst(question, ranked[at], business)));
    const visitor = await makeBusiness(app, business);
    await app.untilRanked();
    const answerTo = async (text: string) => {
      signal.throwIfAborted();
      onProgress({ done: tally.asked + tally.outOfScope, total });
      return (await askThread(app, visitor, [text])).text;
    };
    await countAnswers(tally, business, beside, answerTo);
  }
  print(`right: ${percent(tally.right, tally.asked)} of ${tally.asked} questions that a FAQ answers`);
  print(`another FAQ: ${percent(tally.wrong, tally.asked)}`);
  if (foreign) print(`declined: ${percent(tally.declined, tally.outOfScope)} of ${tally.outOfScope} out of scope`);
  const curve = drawCurve(asked, declinable);
  print('the first passage alone, by thresholds of its score:');
  print(
    drawTable(
      ['threshold', 'right', 'declined'],
      curve.map(({ threshold, right, declined }) => [threshold, right, declined]),
    ),
  );
  const notRun = outOfScope !== undefined && foreign === undefined ? [outOfScope] : [];
  return {
    ...report,
    results: {
      ...tally,
      rightShare: share(tally.right, tally.asked),
      declinedShare: share(tally.declined, tally.outOfScope),
      curve,
      notRun,
    },
  };
}

interface Tally {
  asked: number;
  right: number;
  wrong: number;
  outOfScope: number;
  declined: number;
}

interface Scored {
  score: number;
  isRight: boolean;
}

function faqsFor({ faqIds }: SetBusiness['questions'][number], { faqs }: SetBusiness): SetBusiness['faqs'] {
  return faqs.filter(({ id }) => faqIds.includes(id));
}

function scoreFirst(
  question: SetBusiness['questions'][number],
  ranked: Ranked | undefined,
  business: SetBusiness,
): Scored {
  const { score = 0, text = '' } = ranked ?? {};
  return { score, isRight: faqsFor(question, business).some((faq) => isFrom(text, faq.answer)) };
}

/** Asks a business its own questions and those beside its scope, and counts what came back. */
async function countAnswers(
  tally: Tally,
  business: SetBusiness,
  beside: readonly { text: string }[],
  answerTo: (text: string) => Promise<string>,
): Promise<void> {
  const isAnswered = (answer: string) => business.faqs.some((faq) => isFrom(answer, faq.answer));
  for (const question of business.questions) {
    const answer = await answerTo(question.text);
    tally.asked += 1;
    if (faqsFor(question, business).some((faq) => isFrom(answer, faq.answer))) tally.right += 1;
    else if (isAnswered(answer)) tally.wrong += 1;
  }
  for (const { text } of beside) {
    tally.outOfScope += 1;
    if (!isAnswered(await answerTo(text))) tally.declined += 1;
  }
}

/** A question for any business is asked of the set's first. */
function belongs(wanted: string, { slug }: SetBusiness, { businesses }: z.infer<typeof FaqSet>): boolean {
  return wanted === slug || (wanted === '*' && businesses[0]?.slug === slug);
}

async function makeBusiness(app: TestApp, { slug, name, faqs }: SetBusiness) {
  const { publishableKey } = await app.business({
    account: { ...anAccount(), slug, name, description: '' },
    products: [],
    faqs: faqs.map(({ question, answer }, order) => ({ question, answer, order })),
  });
  return { key: publishableKey, origin: ORIGIN };
}

function isFrom(answer: string, faqAnswer: string): boolean {
  return plain(answer).includes(plain(faqAnswer).slice(0, BEGINNING_CHARS).replace(/[.!]$/, ''));
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

async function readOptional<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  print: (text: string) => void,
): Promise<z.infer<Schema> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    print(`not run, there is no such file: ${file}`);
    return undefined;
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(3));
}

function percent(part: number, whole: number): string {
  return `${(share(part, whole) * 100).toFixed(1)} %`;
}
