import type { ContextService } from '../src/context/context.service.ts';
import type { JobDefinition } from '../src/platform/queue.ts';

/** Looks each minute which assistants live on another server than the one configured, and makes their syncs due. */
export const moveAssistants: JobDefinition<{ context: ContextService }> = {
  name: 'move-assistants',
  everyMs: 60_000,
  lockLifetimeMs: 60_000,
  run: ({ context }) => context.moveElsewhere(),
};
