import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../src/config.ts';
import { build } from '../src/main.ts';
import { projectRoot } from '../src/platform/platform.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cli-'));
  await using service = await build(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
  await service.demo?.seed();
}, 60_000);

afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));

/** Runs the command line as an operator does, in a process of its own. */
const cli = (...args: string[]) => cliIn({ DATA_DIR: dataDir }, ...args);

function cliIn(
  settings: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, LOG_LEVEL: 'silent', ...settings };
    execFile(process.execPath, ['scripts/cli.ts', ...args], { cwd: projectRoot, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('an operator plans a sync, runs it, lists the assistants and asks one', async () => {
  const planned = await cli('assistants', 'sync', '--account', 'bendt-baguette', '--dry-run', '--json');
  expect(planned.code).toBe(0);
  expect(JSON.parse(planned.stdout)).toMatchObject({
    dryRun: true,
    businesses: [{ state: 'planned', uploaded: expect.arrayContaining(['profile.md', 'hours.md', 'faqs.md']) }],
  });

  const synced = await cli('assistants', 'sync', '--all');
  expect(synced).toMatchObject({ code: 0, stderr: '' });
  expect(synced.stdout).toMatch(/bend-birdfood.*synced/);

  const listed = await cli('assistants', 'list', '--json');
  expect(JSON.parse(listed.stdout).assistants).toEqual([
    expect.objectContaining({ slug: 'bend-birdfood', upToDate: true, contextVersion: 1 }),
    expect.objectContaining({ slug: 'bendt-baguette', upToDate: true, contextVersion: 1 }),
  ]);

  const shown = await cli('context', 'show', 'hours.md', '--account', 'bendt-baguette');
  expect(shown.stdout).toMatch(/^# Opening hours of The Bendt Baguette/);
  const assistant = await cli('assistants', 'show', '--account', 'bendt-baguette', '--json');
  expect(JSON.parse(assistant.stdout)).toMatchObject({ version: 1, model: 'embedded-extractive' });

  const answer = await cli('chat', 'How much is a Bendt baguette?', '--account', 'bendt-baguette');
  expect(answer.code).toBe(0);
  expect(answer.stdout).toContain('$4.50');
}, 120_000);

test('a backup of a running service is restored into an empty folder, and answers there', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cli-backup-'));
  try {
    await using service = await build(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
    expect((await cli('backup', path.join(folder, 'copy'))).code).toBe(0);
    expect(await cli('restore', path.join(folder, 'copy'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is not empty/),
    });
    expect(service.platform.config.dataDir).toBe(dataDir);

    const elsewhere = { DATA_DIR: path.join(folder, 'restored') };
    expect((await cliIn(elsewhere, 'restore', path.join(folder, 'copy'))).code).toBe(0);
    const answer = await cliIn(elsewhere, 'chat', 'How much is a Bendt baguette?', '--account', 'bendt-baguette');
    expect(answer.stdout).toContain('$4.50');
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}, 60_000);

test('an operator makes a key, sees it listed, rotates and revokes it', async () => {
  const ofBakery = ['--account', 'bendt-baguette', '--json'];
  const made = await cli('keys', 'create', ...ofBakery, '--kind', 'publishable', '--name', 'Shop', '--host', 'a.example', '--host', '*.B.example', '--expires', '2099-12-31'); // prettier-ignore
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const { id, key, ...shown } = JSON.parse(made.stdout);
  expect(shown).toMatchObject({ hosts: ['a.example', '*.b.example'], expiresAt: '2099-12-31T00:00:00.000Z' });

  const rotated = JSON.parse((await cli('keys', 'rotate', id, ...ofBakery, '--overlap-hours', '1')).stdout);
  const { keys } = JSON.parse((await cli('keys', 'list', ...ofBakery)).stdout);
  expect(rotated).toMatchObject({ id, key: expect.stringMatching(/^cb_pk_/), rotated: { prefix: key.slice(0, 16) } });
  expect(keys).toContainEqual(expect.objectContaining({ id, name: 'Shop', prefix: rotated.prefix }));

  expect(JSON.parse((await cli('keys', 'revoke', id, ...ofBakery)).stdout)).toEqual({ id, revoked: true });
  expect((await cli('keys', 'list', '--account', 'bendt-baguette')).stdout).not.toContain(id);
}, 60_000);

test.each([
  [['assistants', 'sync'], 2, /--all or --account/],
  [['assistants', 'synk'], 2, /Did you mean sync/],
  [['assistants', 'sync', '--account', 'nobody'], 1, /there is no business nobody/],
  [['chat', 'Hello?'], 2, /--account/],
  [['keys', 'create', '--account', 'nobody', '--kind', 'secret', '--name', 'x', '--scope', 'all'], 2, /scopes\[0\]/],
  [['context', 'show', 'nope.md', '--account', 'bendt-baguette'], 1, /no live context file nope.md/],
])(
  '%j exits %i and says why',
  async (args, code, message) => {
    const answer = await cli(...args);

    expect(answer.code).toBe(code);
    expect(answer.stderr).toMatch(message);
    expect(answer.stdout).toBe('');
  },
  60_000,
);

test('help is no failure', async () => {
  const help = await cli('assistants', 'sync', '--help');

  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/--dry-run/);
}, 30_000);
