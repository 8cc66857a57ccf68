import { type Clock, shiftDate } from '../platform/clock.ts';
import type { QueryFilter } from 'mongoose';
import { QUEUE_MAX, type Thread, type ThreadModel } from './thread.model.ts';
import { isLive } from './turn.model.ts';
import type { TurnRecords } from './turn-record.ts';

/** A place in the queue without a turn: its process died before it had stored it. */
export const NO_TURN_MS = 30_000;

/** The order of a thread's turns. It is the thread document's: whoever is first in `queue` runs. */
export interface TurnQueue {
  /** Queues the turn and takes its `seq`; undefined if no thread fits the filter or its queue is full. */
  enter(filter: QueryFilter<Thread> & { accountId: string }, turnId: string): Promise<Thread | undefined>;
  leave(accountId: string, threadId: string, turnId: string): Promise<void>;
  /** Ends and takes out whoever in the queue has ended, died or never began. */
  clearDead(thread: Pick<Thread, 'accountId' | '_id' | 'queue'>): Promise<void>;
  /**
   * Whether the turn is first now (`head`), waits behind another (`behind`), or was taken out (`out`). Whoever is first but has
   * ended, died or never began is ended and taken out on the way.
   */
  look(accountId: string, threadId: string, turnId: string): Promise<'head' | 'behind' | 'out'>;
}

export function createTurnQueue(deps: { clock: Clock; threads: ThreadModel; records: TurnRecords }): TurnQueue {
  const { clock, threads, records } = deps;

  async function leave(accountId: string, threadId: string, turnId: string): Promise<void> {
    await threads.updateOne({ accountId, _id: threadId }, { $pull: { queue: { turn: turnId } } });
  }

  async function clear(accountId: string, threadId: string, place: Thread['queue'][number]): Promise<void> {
    const turn = await records.find(accountId, place.turn);
    if (turn === undefined) {
      if (shiftDate(place.at, NO_TURN_MS) <= clock.now()) await leave(accountId, threadId, place.turn);
    } else if (!isLive(turn)) {
      // Settled ones should be out; a crash between the two writes is mended here as well.
      await (turn.settled ? leave(accountId, threadId, place.turn) : records.settle(turn));
    } else {
      await records.endIfAbandoned(turn);
    }
  }

  return {
    leave,

    async clearDead({ accountId, _id, queue }) {
      for (const place of queue) await clear(accountId, _id, place);
    },

    async enter(filter, turnId) {
      const now = clock.now();
      const thread = await threads
        .findOneAndUpdate(
          { ...filter, [`queue.${QUEUE_MAX - 1}`]: { $exists: false } },
          { $inc: { seq: 2 }, $push: { queue: { turn: turnId, at: now } }, $set: { lastMessageAt: now } },
          { returnDocument: 'after' },
        )
        .lean();
      return thread ?? undefined;
    },

    async look(accountId, threadId, turnId) {
      const thread = await threads.findOne({ accountId, _id: threadId }).select({ queue: 1 }).lean();
      const head = thread?.queue[0];
      if (head?.turn === turnId) return 'head';
      if (head === undefined || !thread?.queue.some((place) => place.turn === turnId)) return 'out';
      await clear(accountId, threadId, head);
      return 'behind';
    },
  };
}
