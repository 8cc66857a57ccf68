import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import type { RouteBuilder } from '../platform/route.ts';
import { type ContextFile, STEPS } from './context-file.model.ts';
import type { ContextService } from './context.service.ts';
import type { SyncResult } from './sync.ts';

const FileView = z
  .strictObject({
    name: z.string(),
    kind: z.string(),
    bytes: z.int().nullable(),
    sha256: z.string().nullable(),
    state: z.enum(['live', 'updating', 'failed', 'retiring']),
    syncedAt: z.iso.datetime().nullable(),
    failure: z.string().nullable(),
    steps: z
      .array(z.strictObject({ step: z.enum([...STEPS, 'live']), at: z.iso.datetime() }))
      .describe('How far its newest rendering has come, and when'),
  })
  .meta({ id: 'ContextFile' });

const ContextView = z
  .strictObject({ version: z.int(), upToDate: z.boolean(), files: z.array(FileView) })
  .meta({ id: 'Context' });

const SyncView = z
  .strictObject({
    state: z.enum(['queued', 'busy', 'synced']),
    uploaded: z.array(z.string()).optional(),
    removed: z.array(z.string()).optional(),
    pending: z.array(z.string()).optional(),
  })
  .meta({ id: 'Sync' });

const PassageView = z.strictObject({ name: z.string(), score: z.number(), text: z.string() }).meta({ id: 'Passage' });

const WAIT_MS = 60_000;
const BUSY_MS = 200;

const read = { by: 'business', scope: 'context:read' } as const;
const write = { by: 'business', scope: 'context:write' } as const;

export function contextRoutes(route: RouteBuilder, context: ContextService, accounts: AccountService): void {
  route(
    {
      method: 'get',
      path: '/v1/context',
      summary: 'Each context file and how far its sync has come',
      access: read,
      answers: { 200: ContextView },
    },
    async ({ accountId }) => {
      const [account, files] = await Promise.all([accounts.get(accountId), context.listFiles(accountId)]);
      const upToDate = account.syncedSeq === account.changeSeq && files.every((file) => stateOf(file) === 'live');
      return { status: 200, body: { version: account.contextVersion, upToDate, files: files.map(viewOf) } };
    },
  );

  route(
    {
      method: 'get',
      path: '/v1/context/files/:name',
      summary: 'The text of a context file as visitors are answered from it',
      access: read,
      params: z.object({ name: z.string().max(200) }),
      answers: { 200: z.strictObject({ name: z.string(), text: z.string() }).meta({ id: 'ContextFileText' }) },
    },
    async ({ accountId, params: { name } }) => ({
      status: 200,
      body: { name, text: await context.readFile(accountId, name) },
    }),
  );

  route(
    {
      method: 'post',
      path: '/v1/context/sync',
      summary: 'Sync now; with wait=true the answer comes when it is done',
      access: write,
      query: z.strictObject({ wait: z.enum(['true', 'false']).default('false') }),
      body: z.strictObject({}),
      answers: { 200: SyncView, 202: SyncView },
    },
    async ({ accountId, query }) => {
      if (query.wait === 'false') {
        await accounts.makeSyncDue(accountId);
        return { status: 202, body: { state: 'queued' } };
      }
      const result = await syncWithinTime(context, accountId);
      if (result.state === 'busy') return { status: 202, body: { state: 'busy' } };
      const { state, uploaded, removed, pending } = result;
      return { status: 200, body: { state, uploaded, removed, pending } };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/context/search',
      summary: 'What file search would find: why did it answer that?',
      access: read,
      body: z.strictObject({ query: z.string().trim().min(1).max(4000), limit: z.int().min(1).max(50).default(6) }),
      answers: { 200: z.strictObject({ data: z.array(PassageView) }) },
    },
    async ({ accountId, body }) => {
      const passages = await context.search(accountId, body.query, body.limit);
      return { status: 200, body: { data: passages.map(({ name, score, text }) => ({ name, score, text })) } };
    },
  );
}

/** Syncs, after the one that runs if there is one. What takes longer than a caller should wait goes on without them. */
async function syncWithinTime(context: ContextService, accountId: string): Promise<SyncResult> {
  const over = new AbortController();
  const timeout = delay(WAIT_MS, { state: 'busy' as const }, { signal: over.signal });
  const untilDone = async (): Promise<SyncResult> => {
    const result = await context.sync(accountId, { retryFailed: true });
    if (result.state === 'synced' || over.signal.aborted) return result;
    await delay(BUSY_MS);
    return untilDone();
  };
  try {
    return await Promise.race([untilDone(), timeout]);
  } finally {
    over.abort();
    await timeout.catch(() => undefined);
  }
}

function viewOf(file: ContextFile): z.infer<typeof FileView> {
  return {
    name: file.name,
    kind: file.kind,
    bytes: file.live?.bytes ?? null,
    sha256: file.live?.sha256 ?? null,
    state: stateOf(file),
    syncedAt: file.live?.since.toISOString() ?? null,
    failure: file.failed?.reason ?? null,
    steps: ((file.next ?? file.live)?.steps ?? []).map(({ step, at }) => ({ step, at: at.toISOString() })),
  };
}

function stateOf({ live, next, failed }: ContextFile): z.infer<typeof FileView>['state'] {
  if (failed !== null) return 'failed';
  if (next !== null) return 'updating';
  return live === null ? 'retiring' : 'live';
}
