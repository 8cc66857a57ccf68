import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const projectRoot = path.join(import.meta.dirname, '..');
const START_MS = 40_000;

export interface DemoService extends AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  /** Ctrl-C; resolves to the exit code once the process is gone. */
  interrupt(): Promise<number | null>;
  /** Processes that were started for its data folder and are alive. */
  listProcesses(): Promise<string[]>;
}

/** The real service, as `npm start` runs it, on a free port and a data folder of its own. */
export async function startDemoService(): Promise<DemoService> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cb-e2e-'));
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: projectRoot,
    // Nothing of the caller's settings: no key, no database but our own.
    // All visits of a test come from one address.
    env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir, RATE_LIMIT_ADDRESS: '100000' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;

  async function interrupt(): Promise<number | null> {
    child.kill('SIGINT');
    const [code] = await exited;
    return code;
  }

  return {
    url: await readUrl(child),
    dataDir,
    interrupt,
    listProcesses: () => listProcesses(dataDir),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) await interrupt();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The address in the lines that the start prints; all of them are waited for, since the last one says that it is ready. */
async function readUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the service has no output');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  let url: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    url ??= /(http:\/\/\S+)\/demo\//.exec(line)?.[1];
    if (url !== undefined && line.includes('Ctrl-C')) break;
  }
  clearTimeout(timer);
  if (url === undefined) throw new Error('the service ended before it said where its demo is');
  child.stdout.resume();
  return url;
}

/** Commands of processes that were started for a data folder: they name it. */
async function listProcesses(dataDir: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'command=']);
  return stdout.split('\n').filter((command) => command.includes(dataDir));
}
