import type { Account } from '../../src/accounts/account.model.ts';
import { type CliContext, type RunCommand, UsageError } from './command.ts';
import { eachAccount } from './each-account.ts';
import { getAccount } from './find-account.ts';
import { startBar } from './progress-bar.ts';
import { drawTable } from './table.ts';

interface SyncOptions {
  readonly account?: string;
  readonly all?: true;
  readonly dryRun?: true;
}

interface Row {
  readonly slug: string;
  readonly state: 'synced' | 'busy' | 'failed' | 'planned';
  readonly uploaded: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly pending: readonly string[];
  readonly error: string | null;
}

/** `assistants sync`: exit 1 if a business failed, is busy or has files that are not live yet. */
export const syncCommand: RunCommand<SyncOptions> = async (options, context) => {
  const { isJson, print } = context;
  const accounts = await chosenAccounts(options, context);
  const rows: Row[] = [];
  for (const account of accounts) {
    context.signal.throwIfAborted();
    rows.push(options.dryRun ? await planOne(account, context) : await syncOne(account, context));
  }
  print(isJson ? JSON.stringify({ dryRun: options.dryRun === true, businesses: rows }) : tableOf(rows, options));
  const isDone = rows.every(
    ({ state, pending }) => state === 'planned' || (state === 'synced' && pending.length === 0),
  );
  return isDone ? 0 : 1;
};

async function chosenAccounts({ account, all }: SyncOptions, context: CliContext): Promise<Account[]> {
  if ((account === undefined) === (all === undefined)) throw new UsageError('say either --all or --account SLUG');
  if (account === undefined) return Array.fromAsync(eachAccount(context.service.accounts));
  return [await getAccount(account, context)];
}

async function planOne({ _id, slug }: Account, { service }: CliContext): Promise<Row> {
  const plan = await service.context.plan(_id);
  const uploaded = plan.advance.map(({ name }) => name);
  const pending = plan.waiting.map(({ name }) => name);
  return {
    slug,
    state: 'planned',
    uploaded,
    removed: plan.retire,
    unchanged: plan.unchanged.length,
    pending,
    error: null,
  };
}

async function syncOne({ _id, slug }: Account, { service, signal, isJson }: CliContext): Promise<Row> {
  const bar = startBar(slug, { isJson, unit: 'files' });
  const none = { slug, uploaded: [], removed: [], unchanged: 0, pending: [] };
  try {
    const result = await service.context.sync(_id, { signal, onProgress: bar.show, retryFailed: true });
    bar.end(result.state === 'busy' ? 'is being synced by another process' : 'synced');
    return result.state === 'busy' ? { ...none, state: 'busy', error: null } : { ...result, slug, error: null };
  } catch (error) {
    signal.throwIfAborted();
    const text = Error.isError(error) ? error.message : String(error);
    bar.end('failed');
    return { ...none, state: 'failed', error: text };
  }
}

function tableOf(rows: readonly Row[], { dryRun }: SyncOptions): string {
  const head = [
    'Business',
    'State',
    dryRun ? 'Would upload' : 'Uploaded',
    dryRun ? 'Would remove' : 'Removed',
    'Unchanged',
    'Not live',
  ];
  const lines = rows.map(({ slug, state, uploaded, removed, unchanged, pending, error }) => [
    slug,
    error ?? state,
    countOf(uploaded),
    countOf(removed),
    unchanged,
    countOf(pending),
  ]);
  return drawTable(head, lines);
}

function countOf(names: readonly string[]): string {
  return names.length > 3 || names.length === 0 ? String(names.length) : names.join('\n');
}
