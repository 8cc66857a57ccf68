import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import type { Connection } from 'mongoose';
import type { Logger } from './logger.ts';

/** A recurring look at our own data: what must be done and who does it stands there, the job only wakes the look. */
export interface JobDefinition<Services> {
  readonly name: string;
  readonly everyMs: number;
  /** A look that takes longer is taken for dead and woken anew. */
  readonly lockLifetimeMs: number;
  run(services: Services, signal: AbortSignal): Promise<void>;
}

export interface Queue {
  /** Stops waking and waits for the looks that run. */
  stop(): Promise<void>;
}

/**
 * Runs jobs by Agenda on the database of the service: any number of workers share them. Losing or doubling a wake-up
 * changes nothing.
 */
export async function startQueue<Services>(
  connection: Connection,
  jobs: readonly JobDefinition<Services>[],
  services: Services,
  log: Logger,
): Promise<Queue> {
  const db = connection.db;
  if (db === undefined) throw new Error('the database is not connected');
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: db, collection: 'jobs' }),
    processEvery: 1000,
  });
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  agenda.on('error', (error) => log.warn({ event: 'queue.failed', err: error }, 'queue failed'));
  for (const job of jobs) {
    agenda.define(
      job.name,
      // Agenda's type says void, but it awaits what the processor returns.
      // oxlint-disable-next-line typescript/no-misused-promises
      async () => {
        const run = job.run(services, stopping.signal);
        running.add(run);
        try {
          await run;
        } catch (error) {
          log.error({ event: 'job.failed', job: job.name, err: error }, 'job failed');
          throw error;
        } finally {
          running.delete(run);
        }
      },
      { concurrency: 1, lockLifetime: job.lockLifetimeMs },
    );
  }
  await agenda.start();
  for (const job of jobs) await agenda.every(job.everyMs, job.name);
  return {
    async stop() {
      stopping.abort(new Error('the worker stops'));
      await agenda.stop(false);
      await Promise.allSettled(running);
    },
  };
}
