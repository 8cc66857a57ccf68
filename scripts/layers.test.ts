import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile, copyFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { features, mayCall } from '../layers.ts';
import { projectRoot } from '../src/platform/platform.ts';

/** Files that each break one rule, and files that keep it, linted together in a folder that looks like the project. */
const broken: Record<string, string> = {
  'src/platform/breaks.ts': "import '../accounts/account.service.ts';",
  'src/app.ts': "import '@chatbusiness/embedded-mongo';",
  'src/chat/breaks-embedded.ts': "import '@chatbusiness/embedded-openai';",
  'src/chat/breaks-deep.ts': "import '../../embedded/openai/src/engine.ts';",
  'src/accounts/breaks-testing.ts': "import '../testing/start-app.ts';",
  'jobs/breaks.ts': "import '../src/chat/chat.routes.ts';",
  'scripts/breaks.ts': "import '../src/chat/chat.routes.ts';",
  'embedded/mongo/src/breaks.ts': "import '../../../src/platform/clock.ts';",
  'embedded/openai/src/answer/breaks.ts': "import '../../../../src/platform/clock.ts';",
};
const kept: Record<string, string> = {
  'src/platform/keeps.ts': "import './clock.ts';",
  'src/accounts/keeps.test.ts': "import '../testing/start-app.ts';",
  'jobs/keeps.ts': "import '../src/chat/chat.service.ts';",
  'embedded/mongo/src/commands/keeps.ts': "import '../errors.ts';",
};
for (const caller of features) {
  for (const callee of features.filter((feature) => feature !== caller)) {
    const isAllowed = (mayCall[caller] as readonly string[]).includes(callee);
    (isAllowed ? kept : broken)[`src/${caller}/to-${callee}.ts`] =
      `import type {} from '../${callee}/${callee}.service.ts';`;
  }
}

let folder: string;
let refused: Set<string>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layers-'));
  await symlink(path.join(projectRoot, 'node_modules'), path.join(folder, 'node_modules'));
  for (const file of ['oxlint.config.ts', 'layers.ts'])
    await copyFile(path.join(projectRoot, file), path.join(folder, file));
  for (const [file, text] of Object.entries({ ...broken, ...kept })) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), `${text}\n`);
  }
  refused = await lint();
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function lint(): Promise<Set<string>> {
  const args = ['--format', 'json', 'src', 'jobs', 'scripts', 'embedded'];
  const oxlint = path.join(projectRoot, 'node_modules', '.bin', 'oxlint');
  const { stdout } = await promisify(execFile)(oxlint, args, { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  const report = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  return new Set(
    report.diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  );
}

test.each(Object.keys(broken))('%s is refused: it calls against the arrows', (file) => {
  expect(refused).toContain(file);
});

test('calls along the arrows are accepted', () => {
  expect([...refused].filter((file) => file in kept)).toEqual([]);
  expect(Object.keys(kept).length).toBeGreaterThan(10);
});
