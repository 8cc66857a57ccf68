import type { Connection } from 'mongoose';
import type { AccountService } from '../accounts/account.service.ts';
import type { SyncStart } from '../accounts/changes.ts';
import type { AssistantService } from '../assistants/assistant.service.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Lease, Leases } from '../platform/lease.ts';
import type { Logger } from '../platform/logger.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import type { ContextFile } from './context-file.model.ts';
import { createManifest, type Manifest, SyncSupersededError } from './manifest.ts';
import { mayRetire, planSync, type SyncPlan } from './plan-sync.ts';
import { recordVersion } from './record-version.ts';
import { type ContextData, type RenderedFile, renderContext } from './render.ts';
import { bringLive, removeRetired, type SyncRun } from './sync-files.ts';

export interface SyncOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  /** Tries files again that failed, also those that were given up. */
  readonly retryFailed?: boolean | undefined;
}

/** What a sync did, by name of context file. `busy`: another one of this business is under way. */
export type SyncResult =
  | { readonly state: 'busy' }
  | {
      readonly state: 'synced';
      readonly uploaded: readonly string[];
      readonly removed: readonly string[];
      readonly unchanged: number;
      /** Not live yet: refused, or the other side wasn't ready; they are tried again. */
      readonly pending: readonly string[];
      readonly version: number;
    };

export interface Syncer {
  /** Makes what visitors are answered from equal to the business's data (docs/sync.md). */
  sync(accountId: string, options?: SyncOptions): Promise<SyncResult>;
  /** What `sync` would do; changes nothing. */
  plan(accountId: string): Promise<SyncPlan>;
}

const LEASE_MS = 60_000;
const RENEW_MS = 15_000;
const RETRY_MS = 30_000;

export interface SyncerDeps {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly leases: Leases;
  readonly objects: ObjectStore;
  readonly accounts: AccountService;
  readonly assistants: AssistantService;
  readonly installation: string;
  readonly loadData: (accountId: string) => Promise<ContextData>;
}

export function createSyncer(deps: SyncerDeps): Syncer {
  const { connection, clock, log, leases, accounts, assistants } = deps;

  async function syncUnderLease(
    accountId: string,
    lease: Lease,
    start: SyncStart,
    signal: AbortSignal,
    options: SyncOptions,
  ): Promise<SyncResult> {
    const { startedAt } = start;
    const manifest = createManifest(connection, clock, accountId, lease.token);
    const entries = await manifest.takeOver();
    const data = await deps.loadData(accountId);
    // The versions of assistant and context know no token: nothing of an earlier sync may get there once a later one has begun.
    const requireMine = async () => {
      signal.throwIfAborted();
      await requireLease(leases, lease);
    };
    await requireMine();
    const assistant = await assistants.follow(data.account, { signal });
    const rendered = renderContext(data);
    const { retryFailed = false } = options;
    const plan = planSync(rendered, entries, { storeId: assistant.vectorStoreId, now: startedAt, retryFailed });

    let done = 0;
    const run: SyncRun = {
      ...deps,
      accountId,
      manifest,
      signal,
      storeId: assistant.vectorStoreId,
      vectorStores: assistants.vectorStores,
      renewLease: () => requireLease(leases, lease),
      onLive: () => options.onProgress?.({ done: (done += 1), total: plan.advance.length }),
    };
    const outcomes = await bringLive(run, plan.advance, new Map(entries.map((entry) => [entry.name, entry])));
    for (const name of plan.dropNext) await manifest.dropNext(name);
    const removed = await retireUnused(manifest, plan, rendered, outcomes);
    const after = await manifest.read();
    const kept = await removeRetired(run, after);
    await manifest.prune();

    const notLive = [...outcomes].filter(([, outcome]) => outcome !== 'live').map(([name]) => name);
    const pending = [...notLive, ...plan.waiting.map(({ name }) => name)];
    const isUnfinished = kept > 0 || [...outcomes.values()].includes('later');
    await requireMine();
    const version = await recordVersion(connection, clock, accountId, after);
    const nextTryAt = nextLook(clock.now(), isUnfinished, data, after);
    await accounts.finishSync(accountId, lease.token, start, { nextTryAt, contextVersion: version });
    const uploaded = plan.advance.map(({ name }) => name).filter((name) => outcomes.get(name) === 'live');
    const result = { state: 'synced' as const, uploaded, removed, unchanged: plan.unchanged.length, pending, version };
    log.info(
      { event: 'context.synced', accountId, ...result, durationMs: clock.now().getTime() - startedAt.getTime() },
      'context synced',
    );
    return result;
  }

  return {
    async sync(accountId, options = {}) {
      const lease = await leases.take(`sync:${accountId}`, LEASE_MS);
      if (lease === undefined) return { state: 'busy' };
      const lost = new AbortController();
      const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal;
      const ended = new AbortController();
      let keeping: Promise<void> | undefined;
      try {
        const start = await accounts.startSync(accountId, lease.token);
        if (start === undefined) return { state: 'busy' };
        const hold = () => accounts.holdSync(accountId, lease.token, start);
        keeping = keepLease({ leases, lease, clock, log, hold, ended: ended.signal, lost });
        return await syncUnderLease(accountId, lease, start, signal, options);
      } catch (error) {
        if (error instanceof SyncSupersededError || lost.signal.aborted) return { state: 'busy' };
        await unlessFailing(log, () => accounts.postponeSync(accountId, lease.token, shiftDate(clock.now(), RETRY_MS)));
        throw error;
      } finally {
        ended.abort();
        await keeping;
        await unlessFailing(log, () => leases.release(lease));
      }
    },

    async plan(accountId) {
      const data = await deps.loadData(accountId);
      const assistant = await assistants.findCurrent(accountId);
      const manifest = await createManifest(connection, clock, accountId, 0).read();
      return planSync(renderContext(data), manifest, { storeId: assistant?.vectorStoreId ?? '', now: clock.now() });
    },
  };
}

async function requireLease(leases: Leases, lease: Lease): Promise<void> {
  if (!(await leases.renew(lease, LEASE_MS))) throw new SyncSupersededError(`${lease.name} was taken over`);
}

/** Prolongs lease and hold while the sync runs; aborts the sync once another has it, or once it must have run out. */
async function keepLease(keeper: {
  leases: Leases;
  lease: Lease;
  clock: Clock;
  log: Logger;
  hold: () => Promise<void>;
  ended: AbortSignal;
  lost: AbortController;
}): Promise<void> {
  const { leases, lease, clock, ended, lost } = keeper;
  let heldUntil = shiftDate(clock.now(), LEASE_MS);
  while (!ended.aborted && !lost.signal.aborted) {
    try {
      await clock.wait(RENEW_MS, ended);
      await requireLease(leases, lease);
      heldUntil = shiftDate(clock.now(), LEASE_MS);
      await keeper.hold();
    } catch (error) {
      if (ended.aborted) return;
      // One hiccup of the database is no loss: the lease outlives three of them.
      keeper.log.warn({ event: 'lease.unrenewed', lease: lease.name, err: error }, 'lease not renewed');
      if (error instanceof SyncSupersededError || clock.now() >= heldUntil) lost.abort(error);
    }
  }
}

/** What is done on the way out of a sync must not hide why it ended; left undone it is mended by time. */
async function unlessFailing(log: Logger, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    log.warn({ event: 'sync.unclean', err: error }, 'sync left something behind');
  }
}

async function retireUnused(
  manifest: Manifest,
  plan: SyncPlan,
  rendered: readonly RenderedFile[],
  outcomes: ReadonlyMap<string, string>,
): Promise<string[]> {
  const live = new Set(plan.unchanged.map(({ name }) => name));
  for (const [name, outcome] of outcomes) if (outcome === 'live') live.add(name);
  const names = plan.retire.filter((name) => mayRetire(name, rendered, (other) => live.has(other)));
  for (const name of names) await manifest.retire(name);
  return names;
}

/** When there is work without a change: a failed file's next try, the end of a note, what was left unfinished. */
function nextLook(
  now: Date,
  isUnfinished: boolean,
  { notes }: ContextData,
  after: readonly ContextFile[],
): Date | undefined {
  const retryAt = shiftDate(now, RETRY_MS);
  const dates = [
    isUnfinished ? retryAt : undefined,
    notes[0]?.expiresAt, // the soonest comes first
    ...after.map(({ failed }) => failed?.nextTryAt ?? undefined),
  ];
  const soonest = dates.filter((date) => date !== undefined).sort((a, b) => a.getTime() - b.getTime())[0];
  // A date that has passed meanwhile must not make the sync due at once, again and again.
  return soonest !== undefined && soonest <= now ? retryAt : soonest;
}
