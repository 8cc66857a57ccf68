import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine, serveEngine } from '@chatbusiness/embedded-openai';
import Table from 'cli-table3';
import OpenAI, { toFile } from 'openai';
import pMap from 'p-map';
import { z } from 'zod';

/**
 * How well the embedded engine ranks, on the Cranfield collection (1,400 abstracts, 225 questions, relevance judged by people), through its
 * HTTP API: nDCG@10 by words alone and with embeddings. `--samples FOLDER` holds the collection, `--json` prints the result as the last line.
 * Exit 1 if a target is missed; without the collection nothing is measured and `met` is null.
 */
const NDCG_TARGET = 0.37;
const DEPTH = 10;

const Doc = z.object({ id: z.string(), title: z.string(), text: z.string() });
const Query = z.object({ id: z.string(), text: z.string() });
const Judgement = z.object({ q: z.string(), d: z.string(), rel: z.number() });

const { values: options } = parseArgs({
  options: {
    samples: { type: 'string', default: path.join(import.meta.dirname, '../../shared/samples/retrieval') },
    json: { type: 'boolean', default: false },
  },
});

const files = ['docs', 'queries', 'qrels'].map((part) => path.join(options.samples, `cranfield.${part}.jsonl`));
const missing = files.filter((file) => !existsSync(file));
if (missing.length > 0) {
  report({ met: null, note: `not measured: ${missing.map((file) => path.basename(file)).join(', ')} not found` });
} else {
  const words = await measure(false);
  const fused = await measure(true);
  const met = fused.ndcg >= NDCG_TARGET;
  const table = new Table({ head: ['Cranfield', 'nDCG@10', 'attached in', 'embedded in', 'search p50', 'p95'] });
  for (const [name, { ndcg, attachS, embedS, p50Ms, p95Ms }] of Object.entries({ words, fused })) {
    table.push([name, ndcg.toFixed(4), `${attachS} s`, `${embedS} s`, `${p50Ms} ms`, `${p95Ms} ms`]);
  }
  process.stdout.write(`${table.toString()}\n`);
  report({ met, words, fused });
  if (!met) process.exitCode = 1;
}

function report({ met, note, ...results }: { met: boolean | null; note?: string; [mode: string]: unknown }): void {
  if (note) process.stdout.write(`spec:retrieval ${note}\n`);
  const targets = { 'fused.ndcg': `>= ${NDCG_TARGET}` };
  const line = { name: 'spec:retrieval', results: { ...results, ...(note && { note }) }, targets, met };
  process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : `met: ${met}\n`);
}

async function measure(embeddings: boolean) {
  const [docs, queries, judgements] = [
    readLines(files[0], Doc),
    readLines(files[1], Query),
    readLines(files[2], Judgement),
  ];
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), 'spec-retrieval-'));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const engine = openEngine({ path: path.join(folder, 'engine.sqlite'), embeddings });
  opened.defer(() => engine.close());
  const server = await serveEngine(engine, { port: 0 });
  opened.defer(() => server.close());
  const client = new OpenAI({ apiKey: 'any', baseURL: server.url });

  const attachStart = performance.now();
  const store = await client.vectorStores.create({ name: 'Cranfield' });
  await pMap(docs, (doc) => attach(client, store.id, doc), { concurrency: 4 });
  const embedStart = performance.now();
  await engine.embedded();
  const searchStart = performance.now();

  const gains: number[] = [];
  const tookMs: number[] = [];
  for (const { id, text } of queries) {
    const start = performance.now();
    const page = await client.vectorStores.search(store.id, { query: text, max_num_results: DEPTH });
    tookMs.push(performance.now() - start);
    const relevant = new Map(judgements.filter(({ q }) => q === id).map(({ d, rel }) => [d, rel]));
    gains.push(
      ndcg(
        page.data.map(({ filename }) => path.parse(filename).name),
        relevant,
      ),
    );
  }
  const at = (share: number) => Math.round(tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * share)] ?? 0);
  return {
    ndcg: gains.reduce((sum, gain) => sum + gain, 0) / gains.length,
    attachS: Math.round((embedStart - attachStart) / 1_000),
    embedS: Math.round((searchStart - embedStart) / 1_000),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
  };
}

async function attach(client: OpenAI, storeId: string, { id, title, text }: z.infer<typeof Doc>): Promise<void> {
  // One abstract is empty: it is found by its number alone, as by nothing else.
  const markdown = `# ${title || id}\n\n${text || id}\n`;
  const file = await client.files.create({
    file: await toFile(Buffer.from(markdown), `${id}.md`),
    purpose: 'assistants',
  });
  await client.vectorStores.files.create(storeId, { file_id: file.id });
}

/** Normalised discounted cumulative gain of the first ten. */
function ndcg(ranked: string[], relevant: Map<string, number>): number {
  const ideal = discount([...relevant.values()].sort((a, b) => b - a));
  return ideal === 0 ? 0 : discount(ranked.map((id) => relevant.get(id) ?? 0)) / ideal;
}

function discount(gains: number[]): number {
  return gains.slice(0, DEPTH).reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);
}

function readLines<Shape extends z.ZodType>(file: string | undefined, shape: Shape): z.output<Shape>[] {
  const lines = readFileSync(file ?? '', 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => shape.parse(JSON.parse(line)));
}
