import { APIError } from 'openai';
import pMap from 'p-map';
import type { VectorStores } from '../assistants/vector-stores.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { isTransient } from '../platform/retry.ts';
import type { ContextFile, RetiringFile } from './context-file.model.ts';
import type { Manifest } from './manifest.ts';
import type { RenderedFile } from './render.ts';

/** What the steps of one sync work with. */
export interface SyncRun {
  readonly accountId: string;
  readonly storeId: string;
  readonly installation: string;
  readonly manifest: Manifest;
  readonly objects: ObjectStore;
  readonly vectorStores: VectorStores;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Throws when the lease is lost. */
  readonly renewLease: () => Promise<void>;
  readonly onLive?: ((name: string) => void) | undefined;
}

const PARALLEL = 4;
const BATCH_FROM = 4; // attaching fewer one by one is found sooner
const BATCH_MAX = 500;
const INDEX_MS = 120_000;
const REFUSALS = new Set([400, 413, 415, 422]);

/** How bringing a file live ended. `later`: nothing is wrong with it, the other side wasn't ready. */
type Outcome = 'live' | 'failed' | 'later';

/**
 * Brings each file from where its manifest entry stands to live: stored, uploaded, attached, indexed, found by a search, switched.
 * Every step is recorded before the next, so that a crash after any line is mended by running again.
 */
export async function bringLive(
  run: SyncRun,
  files: readonly RenderedFile[],
  entries: ReadonlyMap<string, ContextFile>,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const each = (some: readonly RenderedFile[], step: (file: RenderedFile) => Promise<void>) =>
    pMap(some, (file) => settle(run, file, step, outcomes), { concurrency: PARALLEL });
  const fileIds = new Map<string, string>();

  await each(files, async (file) => {
    const standing = entries.get(file.name)?.next;
    const resumed = standing?.sha256 === file.sha256 && standing.storeId === run.storeId ? standing : undefined;
    fileIds.set(file.name, resumed?.fileId ?? (await uploadFile(run, file, resumed?.state === 'stored')));
  });

  const attached = (name: string) => entries.get(name)?.next?.state === 'attached';
  const uploaded = files.filter(({ name }) => fileIds.has(name));
  const isResumed = (file: RenderedFile) =>
    attached(file.name) && entries.get(file.name)?.next?.fileId === fileIds.get(file.name);
  const toAttach = uploaded.filter((file) => !isResumed(file));
  for (let start = 0; start < toAttach.length; start += BATCH_MAX) {
    const chunk = toAttach.slice(start, start + BATCH_MAX);
    // A batch is refused as a whole for one bad file: then each is attached by itself, and only the bad one fails.
    if (chunk.length >= BATCH_FROM && (await attachTogether(run, chunk, fileIds))) continue;
    await each(chunk, (file) => attachFile(run, file, idOf(fileIds, file)));
  }

  await each(
    uploaded.filter(({ name }) => !outcomes.has(name)),
    async (file) => {
      outcomes.set(file.name, await switchWhenFound(run, file, idOf(fileIds, file)));
    },
  );
  return outcomes;
}

/** What a file was refused for stops neither the others nor the next sync; what is wrong with all of them is thrown on. */
async function settle(
  run: SyncRun,
  file: RenderedFile,
  step: (file: RenderedFile) => Promise<void>,
  outcomes: Map<string, Outcome>,
): Promise<void> {
  try {
    run.signal.throwIfAborted();
    await step(file);
  } catch (error) {
    if (run.signal.aborted || !(error instanceof APIError)) throw error;
    const status = error.status as number | undefined;
    run.log.warn(
      { event: 'context.file.failed', accountId: run.accountId, file: file.name, err: error },
      'file failed',
    );
    if (isTransient(error)) {
      outcomes.set(file.name, 'later');
    } else if (status === 404) {
      // What was uploaded is gone: it is uploaded anew.
      await run.manifest.dropNext(file.name);
      outcomes.set(file.name, 'later');
    } else if (status !== undefined && REFUSALS.has(status)) {
      await run.manifest.fail(file, 'The file was refused: its content could not be taken', 'refused');
      outcomes.set(file.name, 'failed');
    } else {
      throw error; // a wrong key, an empty budget: no fault of this file
    }
  }
}

async function uploadFile(run: SyncRun, file: RenderedFile, isStored: boolean): Promise<string> {
  const objectKey = `accounts/${run.accountId}/context/${file.sha256}.md`;
  if (!isStored) {
    await run.manifest.plan(file, { storeId: run.storeId, objectKey });
    await run.renewLease();
    await run.objects.put(objectKey, file.bytes);
    await run.manifest.advance(file, 'stored', null);
  }
  const fileId = await run.vectorStores.upload(remoteName(run, file), file.bytes, { signal: run.signal });
  await run.manifest.advance(file, 'uploaded', fileId);
  const fields = {
    event: 'context.file.uploaded',
    accountId: run.accountId,
    file: file.name,
    bytes: file.bytes.byteLength,
  };
  run.log.info(fields, 'context file uploaded');
  return fileId;
}

/** Says whose it is and what it holds, so that files which no manifest names can be told from those of others. */
function remoteName({ installation, accountId }: SyncRun, { name, sha256 }: RenderedFile): string {
  return `${remoteNamePrefix(installation, accountId)}${name.replace(/\.md$/, '').replaceAll('/', '-')}-${sha256.slice(0, 16)}.md`;
}

/** How the names of all files of a business begin. */
export function remoteNamePrefix(installation: string, accountId: string): string {
  return `${installation}-${accountId}-`;
}

async function attachFile(run: SyncRun, file: RenderedFile, fileId: string): Promise<void> {
  await run.vectorStores.attach(run.storeId, fileId, file.attributes, { signal: run.signal });
  await run.manifest.advance(file, 'attached', fileId);
}

/** Whether the files were attached by one call. */
async function attachTogether(
  run: SyncRun,
  files: readonly RenderedFile[],
  fileIds: ReadonlyMap<string, string>,
): Promise<boolean> {
  await run.renewLease();
  const batch = files.map((file) => ({ fileId: idOf(fileIds, file), attributes: file.attributes }));
  try {
    await run.vectorStores.attachBatch(run.storeId, batch, { signal: run.signal });
  } catch (error) {
    if (run.signal.aborted || !(error instanceof APIError) || isTransient(error)) throw error;
    return false;
  }
  for (const file of files) await run.manifest.advance(file, 'attached', idOf(fileIds, file));
  return true;
}

async function switchWhenFound(run: SyncRun, file: RenderedFile, fileId: string): Promise<Outcome> {
  const { vectorStores, storeId, signal, manifest, clock } = run;
  const state = await vectorStores.untilIndexed(storeId, fileId, { signal, timeoutMs: INDEX_MS });
  if (state.status === 'failed') {
    await manifest.fail(file, `The file could not be read: ${state.reason}`, 'refused');
    return 'failed';
  }
  if (state.status !== 'completed') {
    await manifest.fail(file, 'The file is not readable yet', 'not-ready');
    return 'failed';
  }
  // `completed` isn't a promise that a search finds it: the old file stays live until one does.
  const deadline = shiftDate(clock.now(), INDEX_MS);
  for (let pauseMs = 50; !(await isFound(run, file)); pauseMs = Math.min(5000, pauseMs * 2)) {
    if (clock.now() >= deadline) {
      await manifest.fail(file, 'The file is not found by a search yet', 'not-ready');
      return 'failed';
    }
    await clock.wait(pauseMs, signal);
  }
  await manifest.switchLive(file);
  run.onLive?.(file.name);
  return 'live';
}

async function isFound({ vectorStores, storeId, signal }: SyncRun, file: RenderedFile): Promise<boolean> {
  const filters = { type: 'eq' as const, key: 'sha256', value: file.sha256 };
  const text = Buffer.from(file.bytes).toString('utf8', 0, 200);
  return (await vectorStores.search(storeId, { text, filters, limit: 1 }, { signal })).length > 0;
}

/** Detaches and deletes what is no longer live. What fails is tried at the next sync. Answers how many are left. */
export async function removeRetired(run: SyncRun, entries: readonly ContextFile[]): Promise<number> {
  const retired = entries.flatMap(({ name, retiring }) => retiring.map((file) => ({ name, file })));
  const gone = await pMap(retired, ({ name, file }) => removeOne(run, name, file), { concurrency: PARALLEL });
  return gone.filter((isGone) => !isGone).length;
}

async function removeOne(run: SyncRun, name: string, file: RetiringFile): Promise<boolean> {
  try {
    await run.vectorStores.detach(file.storeId, file.fileId, { signal: run.signal });
    await run.vectorStores.deleteFile(file.fileId, { signal: run.signal });
  } catch (error) {
    if (run.signal.aborted || !(error instanceof APIError)) throw error;
    run.log.warn(
      { event: 'context.file.kept', accountId: run.accountId, file: name, err: error },
      'old file not removed',
    );
    return false;
  }
  await run.manifest.forgetRetired(name, file);
  return true;
}

function idOf(fileIds: ReadonlyMap<string, string>, { name }: RenderedFile): string {
  const fileId = fileIds.get(name);
  if (fileId === undefined) throw new Error(`${name} was not uploaded`);
  return fileId;
}
