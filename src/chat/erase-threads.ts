import type { QueryFilter } from 'mongoose';
import type { CommunicationService } from '../communication/communication.service.ts';
import type { Clock } from '../platform/clock.ts';
import { addCounts, type Counts, eraseDocuments } from '../platform/data-owners.ts';
import type { LiveTurns } from './live-turns.ts';
import type { MessageModel } from './message.model.ts';
import type { Thread, ThreadModel } from './thread.model.ts';
import type { TurnModel } from './turn.model.ts';

export interface ThreadEraserDeps {
  readonly clock: Clock;
  readonly threads: ThreadModel;
  readonly turns: TurnModel;
  readonly messages: MessageModel;
  readonly live: LiveTurns;
  readonly communication: Pick<CommunicationService, 'eraseHandoffs'>;
}

type WhichThreads = QueryFilter<Thread> & { accountId: string };

const BATCH = 100;

/**
 * Erases conversations with all that belongs to them. A thread is marked first, which hides it from everybody and takes its places
 * from the turns that wait; it goes last, so that one whose erasing was broken off is found by its mark. A turn that runs meanwhile
 * finds its record gone and stores nothing; one that was just storing its answer looks for the thread after it, and takes it
 * back (`settle`).
 */
export async function eraseThreads(
  deps: ThreadEraserDeps,
  accountId: string,
  threadIds: readonly string[],
  signal?: AbortSignal,
): Promise<Counts> {
  const { threads, turns, messages } = deps;
  const which = { accountId, _id: { $in: [...threadIds] } };
  await threads.updateMany(which, {
    $set: { erasingAt: deps.clock.now(), keyId: '', tokenHash: '', queue: [] },
    $unset: { clientChatId: 1, visitorHash: 1 },
  });
  const ofThreads = { accountId, threadId: { $in: [...threadIds] } };
  const counts = { turns: await eraseDocuments(turns, ofThreads, signal) };
  for (const turn of deps.live.list()) if (threadIds.includes(turn.threadId)) turn.abort('lease-lost');
  return {
    ...counts,
    messages: await eraseDocuments(messages, ofThreads, signal),
    handoffs: await deps.communication.eraseHandoffs(accountId, threadIds),
    threads: (await threads.deleteMany(which)).deletedCount,
  };
}

/** The same for all that fit, a batch at a time. */
export async function eraseThreadsWhere(
  deps: ThreadEraserDeps,
  filter: WhichThreads,
  signal?: AbortSignal,
): Promise<Counts> {
  let counts: Counts = { threads: 0, turns: 0, messages: 0, handoffs: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const found = await deps.threads.find(filter).select({ _id: 1 }).limit(BATCH).lean();
    if (found.length === 0) return counts;
    const threadIds = found.map(({ _id }) => _id);
    counts = addCounts(counts, await eraseThreads(deps, filter.accountId, threadIds, signal));
  }
}
