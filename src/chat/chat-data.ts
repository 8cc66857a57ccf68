import type { Connection } from 'mongoose';
import { addCounts, type DataOwner, eraseDocuments, exportDocuments } from '../platform/data-owners.ts';
import { eraseThreadsWhere, type ThreadEraserDeps } from './erase-threads.ts';
import { createMessageModel } from './message.model.ts';
import { createThreadModel } from './thread.model.ts';
import { createTurnModel } from './turn.model.ts';

/** Conversations. Turns are left out of an export: what they came to is the messages. */
export function createChatData(
  deps: { connection: Connection } & Pick<ThreadEraserDeps, 'clock' | 'live' | 'communication'>,
): DataOwner {
  const threads = createThreadModel(deps.connection);
  const turns = createTurnModel(deps.connection);
  const messages = createMessageModel(deps.connection);
  return {
    name: 'chat',

    async *exportAccount(accountId) {
      yield exportDocuments('threads.jsonl', threads, accountId, ['tokenHash', 'visitorHash', 'queue']);
      yield exportDocuments('messages.jsonl', messages, accountId);
    },

    /** First, the turns that run end: their threads go, then their records, and what is without a thread. */
    async eraseAccount(accountId, signal) {
      const counts = await eraseThreadsWhere({ ...deps, threads, turns, messages }, { accountId }, signal);
      const remains = {
        turns: await eraseDocuments(turns, { accountId }, signal),
        messages: await eraseDocuments(messages, { accountId }, signal),
      };
      return addCounts(counts, remains);
    },
  };
}
