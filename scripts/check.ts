import { spawn } from 'node:child_process';
import { styleText } from 'node:util';

/** All checks that need no run of the service, side by side; prints what failed, exits 1 if anything did. */
const checks: [name: string, command: string, ...args: string[]][] = [
  ['format', 'oxfmt', '--check'],
  ['lint and layers', 'oxlint'],
  ['types', 'tsc', '-p', '.'],
  ['types of the website', 'tsc', '-p', 'website'],
  ['types of the widget', 'tsc', '-p', 'clients/widget'],
  ['dead code', 'knip'],
  ['generated docs', process.execPath, 'scripts/generate-docs.ts', '--check'],
];

const failed = await Promise.all(
  checks.map(async ([name, command, ...args]) => {
    const startedAt = performance.now();
    const { code, output } = await run(command, args);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const mark = code === 0 ? styleText('green', 'ok    ') : styleText('red', 'failed');
    process.stdout.write(`${mark} ${name} (${seconds} s)\n${code === 0 ? '' : output}`);
    return code !== 0;
  }),
);
if (failed.includes(true)) process.exitCode = 1;

function run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    const gather = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', gather);
    child.stderr.on('data', gather);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
