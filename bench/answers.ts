import { parseArgs } from 'node:util';
import { toFile } from 'openai';
import pMap from 'p-map';
import { askForFirstWord, createSetClock, type EvalService, startService } from '../scripts/eval/ask-service.ts';
import { drawTable } from '../scripts/commands/table.ts';

/**
 * How soon a visitor reads the first word of the built-in engine's answer, with many other passages in the same vector store.
 * `--chunks N` (10,000), `--json` prints the result as the last line. Exit 1 if the target is missed.
 */
const { values: options } = parseArgs({
  options: { chunks: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } },
});
const CHUNKS = Number(options.chunks);
const CHUNKS_PER_FILE = 100;
const MEDIAN_MS_MAX = 150;
const ROUNDS = 4;
const QUESTIONS = [
  'Are dogs welcome?',
  'What are your opening hours?',
  'How much is a Bendt baguette?',
  'Do you deliver to my house?',
  'Where can I park?',
  'Is there anything without nuts?',
  'Can I freeze your bread?',
  'are u open sunday',
];

const VOCABULARY = 'bread flour oven dog welcome patio open sunday close holiday parking street delivery house price nuts almond freeze slice order cake birthday pick up early morning coffee seat gluten rye butter salt water table garden river winter stamp letter boat'.split(' '); // prettier-ignore

await using service = await startService(createSetClock());
const { demo, accounts, context, assistants } = service.service;
await demo?.seed();
const business = (await demo?.list())?.find(({ slug }) => slug === 'bendt-baguette');
const account = await accounts.findBySlug('bendt-baguette');
if (business === undefined || account === undefined) throw new Error('the demo has no bakery');
await context.sync(account._id);
await fill(service, (await assistants.getCurrent(account._id)).vectorStoreId);

const byWordsMs = await measure();
await service.untilRanked();
const byMeaningMs = await measure();
report({ 'by words, while meanings are still read': byWordsMs, 'by words and meaning': byMeaningMs });

async function measure(): Promise<number[]> {
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const question of QUESTIONS) {
      tookMs.push(
        await askForFirstWord(service, { key: business?.publishableKey ?? '', origin: 'http://localhost' }, question),
      );
    }
  }
  return tookMs.sort((a, b) => a - b);
}

/** Passages of words that a bakery's visitors use, so that each question meets many of them. */
async function fill({ service: { platform } }: EvalService, storeId: string): Promise<void> {
  const { openai } = platform.upstream;
  const attributes = { from: 0, expires_at: 4_102_444_800 };
  const files = Array.from({ length: Math.ceil(CHUNKS / CHUNKS_PER_FILE) }, (_, at) => at);
  await pMap(
    files,
    async (at) => {
      const text = Array.from({ length: CHUNKS_PER_FILE }, (_, chunk) => passage(at * CHUNKS_PER_FILE + chunk)).join(
        '\n\n',
      );
      const file = await openai.files.create({
        file: await toFile(Buffer.from(text), `filler-${at}.md`),
        purpose: 'assistants',
      });
      await openai.vectorStores.files.createAndPoll(storeId, { file_id: file.id, attributes });
    },
    { concurrency: 2 },
  );
}

/** About as long as a chunk, so that each becomes one. */
function passage(seed: number): string {
  let state = seed + 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647);
  const words = Array.from({ length: 620 }, () => VOCABULARY[next() % VOCABULARY.length]);
  return `## Passage ${seed}\n\n${words.join(' ')}.`;
}

function report(measured: Record<string, number[]>): void {
  const rows = Object.entries(measured).map(([name, tookMs]) => [name, quantile(tookMs, 0.5), quantile(tookMs, 0.95)]);
  process.stdout.write(`${drawTable(['first word', 'median ms', 'p95 ms'], rows)}\n`);
  const medians = Object.fromEntries(rows.map(([name, median]) => [name, median]));
  const met = rows.every(([, median]) => Number(median) < MEDIAN_MS_MAX);
  const line = {
    name: 'bench:answers',
    results: { chunks: CHUNKS, ...medians },
    targets: { median: `< ${MEDIAN_MS_MAX} ms` },
    met,
  };
  process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : `met: ${met}\n`);
  if (!met) process.exitCode = 1;
}

function quantile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN);
}
