import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { evalCommand } from './eval.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'eval-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

async function evaluate(options: { set: string; outOfScope?: string }, signal = new AbortController().signal) {
  const printed: string[] = [];
  const exitCode = await evalCommand(options, { isJson: true, signal, print: (text) => printed.push(text) });
  return { exitCode, report: JSON.parse(printed.join('\n')) as { results: object } };
}

async function write(name: string, content: object): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, JSON.stringify(content));
  return file;
}

const aSet = {
  businesses: [
    {
      slug: 'clay-room',
      name: 'Clay Room',
      faqs: [{ id: 'park', question: 'Where can I park?', answer: 'Behind the house, for free.' }],
      questions: [{ text: 'where can i park', faqIds: ['park'] }],
    },
  ],
};

test('the questions of a set are asked, and those that no FAQ answers are to be declined', async () => {
  const set = await write('set.json', aSet);
  const outOfScope = await write('beside.json', { questions: [{ text: 'Who painted the ceiling?', business: '*' }] });

  const { exitCode, report } = await evaluate({ set, outOfScope });

  expect(exitCode).toBe(0);
  expect(report.results).toMatchObject({ asked: 1, right: 1, outOfScope: 1, declined: 1 });
}, 60_000);

test('a set that is not there is told by name, and one that is interrupted stops', async () => {
  const missing = path.join(folder, 'none.json');
  expect((await evaluate({ set: missing })).report.results).toEqual({ notRun: [missing] });

  const set = await write('set.json', aSet);
  await expect(evaluate({ set }, AbortSignal.abort(new Error('interrupted')))).rejects.toThrow('interrupted');
}, 60_000);
