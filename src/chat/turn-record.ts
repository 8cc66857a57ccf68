import type { UsageCounters } from '../accounts/usage.ts';
import type { AnswerRecord } from './answer-record.ts';
import { Error as MongooseError } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { answerMessageId, type Message, type MessageModel } from './message.model.ts';
import type { ThreadModel } from './thread.model.ts';
import { type EndState, isLive, type Turn, type TurnModel } from './turn.model.ts';

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
  /** Ends a turn of this process; harmless when it is done twice. False if the lease was lost: nothing is stored then. */
  end(turn: TurnKey, state: EndState, text: string, answer: AnswerRecord): Promise<boolean>;
  /**
   * Ends a turn whose lease ran out: a running one is `interrupted` with what was flushed, a waiting one `failed`. The ended turn, or
   * undefined if its owner was faster.
   */
  endAbandoned(turn: Turn): Promise<Turn | undefined>;
  /** The turn, ended and settled if its lease ran out, so that nobody has to wait for the sweep. */
  endIfAbandoned(turn: Turn): Promise<Turn>;
  /**
   * Frees the idempotency key of a turn that failed, or died before it said a word, so that the message can be sent again under it; what it
   * said is replaced. False for one that runs, answered or was stopped: it is repeated.
   */
  freeKey(turn: Turn): Promise<boolean>;
  /** Counts what a turn used that was broken off by the erasing of its thread: its record is gone, what it cost is not. */
  settleErased(turn: Turn): Promise<void>;
  /** Stores an ended turn's message and frees the thread's queue. Harmless when it is done twice. */
  settle(turn: Turn): Promise<void>;
  /** Marks what runs and waits in the thread; its owner ends it. */
  requestStop(accountId: string, threadId: string): Promise<void>;
}

export function createTurnRecords(deps: {
  clock: Clock;
  log: Logger;
  processId: string;
  threads: ThreadModel;
  turns: TurnModel;
  messages: MessageModel;
  usage: Pick<UsageCounters, 'settle'>;
}): TurnRecords {
  const { clock, log, processId, threads, turns, messages } = deps;

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
      await createMessage(message);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    // What failed or says nothing takes nobody's place.
    if (turn.replacesSeq === undefined || turn.state === 'failed' || turn.textSoFar === '') return;
    const { accountId, threadId } = turn;
    // The last two places are the turn's own.
    const seq = { $gte: turn.replacesSeq, $lte: turn.seq - 2 };
    await messages.updateMany({ accountId, threadId, seq }, { $set: { replaced: true } });
  }

  async function endAbandoned({ accountId, _id, state }: Turn): Promise<Turn | undefined> {
    const ended = await turns
      .findOneAndUpdate(
        { accountId, _id, state, 'lease.until': { $lte: clock.now() } },
        { $set: { state: state === 'running' ? 'interrupted' : 'failed' } },
        { returnDocument: 'after' },
      )
      .lean();
    return ended ?? undefined;
  }

  /**
   * What says nothing is not counted as a message, though its tokens are. One that was stopped before its first word is: the model
   * was asked, and whoever always stops in time must not ask it for ever.
   */
  async function settleUsage({ accountId, _id: turnId, usageDate: date, model = '', ...turn }: Turn): Promise<void> {
    if (date === undefined) return;
    const consumption = turn.answer?.usage ?? { inputTokens: 0, cachedTokens: 0, outputTokens: 0, searches: 0 };
    const isAsked = turn.textSoFar !== '' || Boolean(turn.answer?.told?.now);
    const isAnswered = turn.state !== 'failed' && isAsked;
    await deps.usage.settle({ accountId, turnId, date }, { model, consumption, isAnswered });
  }

  async function settle(turn: Turn): Promise<void> {
    const { accountId, threadId, _id } = turn;
    await storeAnswer(turn);
    await settleUsage(turn);
    const thread = { accountId, _id: threadId, erasingAt: { $exists: false } };
    const left = await threads.updateOne(thread, { $pull: { queue: { turn: _id } } });
    if (left.matchedCount === 0) {
      // The thread was erased meanwhile: what was just stored, and what the turn began with, goes after it.
      await messages.deleteMany({ accountId, threadId });
      await turns.deleteMany({ accountId, threadId });
      return;
    }
    await turns.updateOne({ accountId, _id }, { $set: { settled: true, textSoFar: '' }, $unset: { answer: 1 } });
  }

  /** An answer whose record doesn't fit the schema (a newer version wrote it) is stored without it: it must not block its thread. */
  async function createMessage(message: Message): Promise<void> {
    try {
      await messages.create(message);
    } catch (error) {
      const isUnfit = error instanceof MongooseError.ValidationError || error instanceof MongooseError.StrictModeError;
      if (!isUnfit) throw error;
      const { accountId, turnId } = message;
      log.error({ event: 'answer.unfit', accountId, turnId, err: error }, 'answer stored without its record');
      const { answer: _, ...rest } = message;
      await messages.create(rest);
    }
  }

  return {
    find,

    async findByKey(accountId, threadId, idempotencyKey) {
      return (await turns.findOne({ accountId, threadId, idempotencyKey }).lean()) ?? undefined;
    },

    async start({ accountId, _id }) {
      const started = await turns.updateOne(
        // Running: an earlier try may have done it although its answer was lost.
        { accountId, _id, state: { $in: ['waiting', 'running'] }, 'lease.owner': processId, stopRequested: false },
        { $set: { state: 'running', 'lease.until': shiftDate(clock.now(), LEASE_MS) } },
      );
      return started.matchedCount === 1;
    },

    async end({ accountId, _id }, state, text, answer) {
      const ended = await turns.updateOne(
        { accountId, _id, state: { $in: ['waiting', 'running'] }, 'lease.owner': processId },
        { $set: { state, textSoFar: text, answer } },
      );
      if (ended.matchedCount === 1) return true;
      // An earlier try may have done it although its answer was lost.
      const found = await find(accountId, _id);
      return found?.state === state && (found.settled || found.textSoFar === text);
    },

    endAbandoned,

    async endIfAbandoned(turn) {
      if (!isLive(turn) || turn.lease.until > clock.now()) return turn;
      const ended = await endAbandoned(turn);
      if (ended === undefined) return turn;
      await settle(ended);
      return { ...ended, settled: true };
    },

    async freeKey({ accountId, _id, idempotencyKey, state, settled, stopRequested }) {
      const answer = { accountId, _id: answerMessageId(_id) };
      if (!settled || state === 'done' || idempotencyKey === undefined) return false;
      if (state === 'interrupted') {
        const isHeard = stopRequested || (await messages.countDocuments({ ...answer, text: { $ne: '' } })) > 0;
        if (isHeard) return false;
      }
      await turns.updateOne({ accountId, _id, idempotencyKey, state }, { $unset: { idempotencyKey: 1 } });
      await messages.updateOne(answer, { $set: { replaced: true } });
      return true;
    },

    async settleErased(turn) {
      // One that is there is ended and settled by whoever has its lease, or by the sweep.
      if ((await find(turn.accountId, turn._id)) === undefined) await settleUsage(turn);
    },

    settle,

    async requestStop(accountId, threadId) {
      await turns.updateMany(
        { accountId, threadId, state: { $in: ['waiting', 'running'] } },
        { $set: { stopRequested: true } },
      );
    },
  };
}
