import { openEngine } from '@chatbusiness/embedded-openai';
import OpenAI, { toFile } from 'openai';
import type { SetBusiness } from './faq-set.ts';

/** The first passage of a search by the engine. */
export interface Ranked {
  /** 0..1; 0 if nothing was found. */
  score: number;
  text: string;
}

export interface CurvePoint {
  threshold: number;
  /** Of the questions a FAQ answers: the right FAQ comes first, at or above the threshold. */
  right: number;
  /** Of those out of scope: nothing is at or above it. */
  declined: number;
}

const THRESHOLDS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6];

/** Asks the engine itself, a business's FAQs in a store of its own, and tells each question's first passage. */
export async function rankByEngine({ faqs }: SetBusiness, questions: readonly string[]): Promise<Ranked[]> {
  await using opened = new AsyncDisposableStack();
  const engine = openEngine({ path: ':memory:', embeddings: true });
  opened.defer(() => engine.close());
  const client = new OpenAI({ apiKey: 'none', baseURL: 'http://engine.local/v1', fetch: engine.fetch });
  const text = faqs.map(({ question, answer }) => `## ${question}\n\n${answer}\n`).join('\n');
  const file = await client.files.create({ file: await toFile(Buffer.from(text), 'faqs.md'), purpose: 'assistants' });
  const store = await client.vectorStores.create({ name: 'faqs' });
  await client.vectorStores.files.createAndPoll(store.id, { file_id: file.id });
  await engine.embedded();
  const ranked: Ranked[] = [];
  for (const query of questions) {
    const { data } = await client.vectorStores.search(store.id, { query, max_num_results: 1 });
    const content = data[0]?.content.map((part) => part.text).join('\n') ?? '';
    ranked.push({ score: data[0]?.score ?? 0, text: content });
  }
  return ranked;
}

/** How many are answered right and how many declined, for thresholds of the score. Pure. */
export function drawCurve(
  asked: readonly { score: number; isRight: boolean }[],
  foreign: readonly Ranked[],
): CurvePoint[] {
  return THRESHOLDS.map((threshold) => ({
    threshold,
    right: share(asked.filter(({ score, isRight }) => isRight && score >= threshold).length, asked.length),
    declined: share(foreign.filter(({ score }) => score < threshold).length, foreign.length),
  }));
}

function share(part: number, whole: number): number {
  return Number((part / Math.max(whole, 1)).toFixed(3));
}
