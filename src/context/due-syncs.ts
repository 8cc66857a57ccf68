import type { AccountService } from '../accounts/account.service.ts';
import type { Logger } from '../platform/logger.ts';
import type { Syncer } from './sync.ts';

export interface DueSyncs {
  /**
   * Starts the syncs that are due, at most four at a time in this process, and resolves when they are started; a business that
   * syncs already is left alone. Called every second by a job: a call lost or doubled changes nothing.
   */
  startDueSyncs(): Promise<void>;
  /** Aborts the syncs that run and waits for their end; the next process goes on where they stood. */
  stopSyncs(): Promise<void>;
}

const PARALLEL = 4;

export function createDueSyncs(deps: { accounts: AccountService; syncer: Syncer; log: Logger }): DueSyncs {
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();

  async function syncOne(accountId: string): Promise<void> {
    try {
      await deps.syncer.sync(accountId, { signal: stopping.signal });
    } catch (error) {
      if (!stopping.signal.aborted) deps.log.error({ event: 'sync.failed', accountId, err: error }, 'sync failed');
    } finally {
      running.delete(accountId);
    }
  }

  return {
    async startDueSyncs() {
      if (stopping.signal.aborted || running.size >= PARALLEL) return;
      const due = await deps.accounts.listSyncDue(PARALLEL * 2);
      if (stopping.signal.aborted) return;
      for (const accountId of due.filter((id) => !running.has(id)).slice(0, PARALLEL - running.size)) {
        running.set(accountId, syncOne(accountId));
      }
    },

    async stopSyncs() {
      stopping.abort(new Error('the worker stops'));
      await Promise.all(running.values());
    },
  };
}
