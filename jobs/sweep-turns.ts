import type { ChatService } from '../src/chat/chat.service.ts';
import type { JobDefinition } from '../src/platform/queue.ts';

/** Ends the turns whose process died and completes those that ended in a crash. */
export const sweepTurns: JobDefinition<{ chat: ChatService }> = {
  name: 'sweep-turns',
  everyMs: 10_000,
  lockLifetimeMs: 60_000,
  run: ({ chat }, signal) => chat.sweep(signal),
};
