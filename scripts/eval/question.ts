import { z } from 'zod';

const Pattern = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const EvalQuestion = z.strictObject({
  business: z.string(),
  kind: z.string(),
  /** What a visitor types; a list is one thread, and its last answer is judged. */
  ask: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** When it is asked, with its zone; the file's `at` where it doesn't matter. */
  at: z.string().optional(),
  /** Regular expressions that the answer has to match; of a list, one. */
  must: z.array(Pattern).min(1),
  mustNot: z.array(z.string().min(1)).default([]),
});

/** The form of `fixtures/questions.json`. */
export const EvalQuestions = z.strictObject({ at: z.string(), questions: z.array(EvalQuestion).min(1) });

export type EvalQuestion = z.infer<typeof EvalQuestion>;

/** What is wrong with an answer, each in a few words; empty for a right one. Case doesn't matter. Pure. */
export function judge(answer: string, { must, mustNot }: Pick<EvalQuestion, 'must' | 'mustNot'>): string[] {
  const has = (pattern: string) => new RegExp(pattern, 'imu').test(answer);
  const lacking = must
    .map((pattern) => [pattern].flat())
    .filter((alternatives) => !alternatives.some(has))
    .map((alternatives) => `lacks ${alternatives.join(' or ')}`);
  return [...lacking, ...mustNot.filter(has).map((pattern) => `has ${pattern}`)];
}
