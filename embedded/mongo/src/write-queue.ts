import type { Database } from './database.ts';

interface PendingWrite {
  /** Runs the write inside the open transaction; gives what to do once that is committed. */
  run(): () => void;
  reject(error: unknown): void;
}

export interface WriteQueue {
  /** How many writes were committed, in how many transactions, since the start. */
  readonly totals: { readonly writes: number; readonly commits: number };
  /**
   * Runs a write in the next shared transaction: all or nothing by itself, and on disk when the promise resolves.
   * One fsync serves all writes that arrived in the same turn of the event loop.
   */
  run<Result>(write: () => Result): Promise<Result>;
  /** Commits what is waiting. */
  flush(): void;
}

/** @param onRollback what is kept in memory of the database may be wrong now. */
export function createWriteQueue(database: Database, onRollback: () => void): WriteQueue {
  let pending: PendingWrite[] = [];
  const totals = { writes: 0, commits: 0 };

  function runInSavepoint<Result>(write: () => Result): { result: Result } | { error: unknown } {
    database.prepare('SAVEPOINT command').run();
    try {
      const result = write();
      database.prepare('RELEASE command').run();
      return { result };
    } catch (error) {
      database.prepare('ROLLBACK TO command').run();
      database.prepare('RELEASE command').run();
      onRollback();
      return { error };
    }
  }

  function flush() {
    const writes = pending;
    pending = [];
    if (writes.length === 0) return;
    // Nobody else can do what a write has to read.
    database.allowRows(Infinity);
    try {
      database.prepare('BEGIN IMMEDIATE').run();
      const acknowledgements = writes.map((write) => write.run());
      database.prepare('COMMIT').run();
      totals.commits += 1;
      totals.writes += writes.length;
      for (const acknowledge of acknowledgements) acknowledge();
    } catch (error) {
      abandonTransaction(database);
      onRollback();
      for (const write of writes) write.reject(error);
    }
  }

  return {
    totals,
    run: (write) =>
      new Promise((resolve, reject) => {
        if (pending.length === 0) setImmediate(flush);
        pending.push({
          reject,
          run() {
            const outcome = runInSavepoint(write);
            return () => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result));
          },
        });
      }),
    flush,
  };
}

/** SQLite may have rolled back by itself already (disk full); then there is nothing left to roll back. */
function abandonTransaction(database: Database) {
  try {
    database.prepare('ROLLBACK').run();
  } catch {}
}
