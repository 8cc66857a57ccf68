import type { AnswerRecord } from './answer-record.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { answerMessageId, type Message, type MessageModel } from './message.model.ts';
import type { ThreadModel } from './thread.model.ts';
import type { EndState, Turn, TurnModel } from './turn.model.ts';

export const LEASE_MS = 10_000;

export interface TurnKey {
  readonly accountId: string;
  readonly threadId: string;
  readonly _id: string;
}

/** The states of a turn and its settlement, each change a compare-and-set; see docs/sync.md. */
export interface TurnRecords {
  find(accountId: string, turnId: string): Promise<Turn | undefined>;
  findByKey(accountId: string, threadId: string, idempotencyKey: string): Promise<Turn | undefined>;
  /** Whether the waiting turn is ours to run from now on. */
  start(turn: TurnKey): Promise<boolean>;
  /** Ends a turn of this process. False if the lease was lost: nothing is stored then. */
  end(turn: TurnKey, state: EndState, text: string, answer: AnswerRecord): Promise<boolean>;
  /**
   * Ends a turn whose lease ran out: a running one is `interrupted` with what was flushed, a waiting one `failed`. The ended turn, or
   * undefined if its owner was faster.
   */
  endAbandoned(turn: Turn): Promise<Turn | undefined>;
  /** Stores an ended turn's message and frees the thread's queue. Harmless when it is done twice. */
  settle(turn: Turn): Promise<void>;
  /** Marks what runs and waits in the thread; its owner ends it. */
  requestStop(accountId: string, threadId: string): Promise<void>;
}

export function createTurnRecords(deps: {
  clock: Clock;
  processId: string;
  threads: ThreadModel;
  turns: TurnModel;
  messages: MessageModel;
}): TurnRecords {
  const { clock, processId, threads, turns, messages } = deps;

  async function find(accountId: string, turnId: string): Promise<Turn | undefined> {
    return (await turns.findOne({ accountId, _id: turnId }).lean()) ?? undefined;
  }

  async function storeAnswer(turn: Turn): Promise<void> {
    const message: Message = {
      _id: answerMessageId(turn._id),
      accountId: turn.accountId,
      threadId: turn.threadId,
      turnId: turn._id,
      seq: turn.seq,
      role: 'assistant',
      text: turn.textSoFar,
      state: turn.state as EndState,
      ...(turn.answer ? { answer: turn.answer } : {}),
      replaced: false,
      createdAt: clock.now(),
    };
    try {
      await messages.create(message);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    if (turn.replacesSeq === undefined || turn.state === 'failed') return;
    const { accountId, threadId } = turn;
    // The last two places are the turn's own.
    const seq = { $gte: turn.replacesSeq, $lte: turn.seq - 2 };
    await messages.updateMany({ accountId, threadId, seq }, { $set: { replaced: true } });
  }

  return {
    find,

    async findByKey(accountId, threadId, idempotencyKey) {
      return (await turns.findOne({ accountId, threadId, idempotencyKey }).lean()) ?? undefined;
    },

    async start({ accountId, _id }) {
      const started = await turns.updateOne(
        { accountId, _id, state: 'waiting', 'lease.owner': processId, stopRequested: false },
        { $set: { state: 'running', 'lease.until': shiftDate(clock.now(), LEASE_MS) } },
      );
      return started.matchedCount === 1;
    },

    async end({ accountId, _id }, state, text, answer) {
      const ended = await turns.updateOne(
        { accountId, _id, state: { $in: ['waiting', 'running'] }, 'lease.owner': processId },
        { $set: { state, textSoFar: text, answer } },
      );
      return ended.matchedCount === 1;
    },

    async endAbandoned({ accountId, _id, state }) {
      const ended = await turns
        .findOneAndUpdate(
          { accountId, _id, state, 'lease.until': { $lte: clock.now() } },
          { $set: { state: state === 'running' ? 'interrupted' : 'failed' } },
          { returnDocument: 'after' },
        )
        .lean();
      return ended ?? undefined;
    },

    async settle(turn) {
      const { accountId, threadId, _id } = turn;
      await storeAnswer(turn);
      await threads.updateOne({ accountId, _id: threadId }, { $pull: { queue: { turn: _id } } });
      await turns.updateOne({ accountId, _id }, { $set: { settled: true, textSoFar: '' }, $unset: { answer: 1 } });
    },

    async requestStop(accountId, threadId) {
      await turns.updateMany(
        { accountId, threadId, state: { $in: ['waiting', 'running'] } },
        { $set: { stopRequested: true } },
      );
    },
  };
}
