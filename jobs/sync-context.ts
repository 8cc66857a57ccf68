import type { ContextService } from '../src/context/context.service.ts';
import type { JobDefinition } from '../src/platform/queue.ts';

/** Looks every second which businesses have changed and starts their syncs. */
export const syncContext: JobDefinition<{ context: ContextService }> = {
  name: 'sync-context',
  everyMs: 1000,
  lockLifetimeMs: 30_000,
  run: ({ context }) => context.startDueSyncs(),
};
