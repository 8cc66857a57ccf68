import type { ChatService } from '../src/chat/chat.service.ts';
import type { JobDefinition } from '../src/platform/queue.ts';

/** Erases each hour the conversations that are older than their business wants them kept. */
export const applyRetention: JobDefinition<{ chat: ChatService }> = {
  name: 'apply-retention',
  everyMs: 60 * 60 * 1000,
  lockLifetimeMs: 10 * 60_000,
  run: ({ chat }, signal) => chat.conversations.applyRetention(signal),
};
