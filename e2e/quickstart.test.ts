import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../src/platform/platform.ts';
import { startDemoService } from './demo-service.ts';

const MARK = '=====next step=====';

/** The page's shell blocks in order, each with the text block that follows it: what its output must have. */
async function readSteps(): Promise<{ script: string; expected: string | undefined }[]> {
  const page = await readFile(path.join(projectRoot, 'docs', 'quickstart.md'), 'utf8');
  const blocks = [...page.matchAll(/```(sh|text)\n([\s\S]*?)```/g)].map(([, kind, text]) => ({
    kind,
    text: text ?? '',
  }));
  return blocks.flatMap(({ kind, text }, place) => {
    const next = blocks[place + 1];
    return kind === 'sh' ? [{ script: text, expected: next?.kind === 'text' ? next.text.trim() : undefined }] : [];
  });
}

test('every command of docs/quickstart.md does what the page says', async () => {
  const [start, ...steps] = await readSteps();
  expect(start?.script.trim()).toBe('npm ci && npm start');
  expect(steps.length).toBeGreaterThan(5);
  await using service = await startDemoService();
  const script = steps
    .map(({ script: text }) => `${text}\necho\necho '${MARK}'`)
    .join('\n')
    .replaceAll('http://localhost:3000', service.url)
    .replaceAll('data/', `${service.dataDir}/`);

  const env = {
    ...process.env,
    DATA_DIR: service.dataDir,
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
  };
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: projectRoot, env });

  const outputs = stdout.split(MARK);
  for (const [place, { script: text, expected }] of steps.entries()) {
    if (expected !== undefined)
      expect({ step: text, output: outputs[place] }).toMatchObject({ output: expect.stringContaining(expected) });
  }
}, 120_000);
