import type { Logger } from '../platform/logger.ts';

/** Work that an answer doesn't wait for, since its time would tell something. */
export interface Background {
  run(what: string, work: () => Promise<void>): void;
  settled(): Promise<void>;
}

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<void>>();
  return {
    run(what, work) {
      const run: Promise<void> = work()
        .catch((error: unknown) => log.error({ event: 'background.failed', what, err: error }, `${what} failed`))
        .finally(() => running.delete(run));
      running.add(run);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
