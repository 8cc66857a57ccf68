import type { Connection } from 'mongoose';
import type { AccountService } from '../accounts/account.service.ts';
import type { Assistant } from '../assistants/assistant.model.ts';
import type { AssistantService } from '../assistants/assistant.service.ts';
import type { CommunicationService } from '../communication/communication.service.ts';
import type { Knowledge } from '../context/knowledge.ts';
import type { Clock } from '../platform/clock.ts';
import type { DataOwner } from '../platform/data-owners.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Leases } from '../platform/lease.ts';
import type { Logger } from '../platform/logger.ts';
import type { Upstream } from '../platform/openai-client.ts';
import type { Hasher } from '../platform/server-secret.ts';
import { acceptTurn, type Asked } from './accept-turn.ts';
import { askForPerson } from './ask-for-person.ts';
import { createChatData } from './chat-data.ts';
import { type Conversations, createConversations } from './conversations.ts';
import { type ChatMessage, createEntrance, type Entered } from './enter-thread.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createLiveTurns } from './live-turns.ts';
import { createMessageModel, type Message } from './message.model.ts';
import { createOpenTurn, type ReadableTurn } from './readable-turn.ts';
import { sweepTurns } from './sweep.ts';
import { reserveTurn } from './reserve-turn.ts';
import { createThreadModel, type Thread } from './thread.model.ts';
import { createThreadService, type ThreadService, type Visitor } from './thread.service.ts';
import { createTools } from './tools.ts';
import { createTurnModel } from './turn.model.ts';
import { createTurnQueue } from './turn-queue.ts';
import { createTurnReader } from './turn-reader.ts';
import { createTurnRecords } from './turn-record.ts';
import { createVisitorLimit } from './visitor-limit.ts';
import { type AcceptedTurn, createTurnRunner } from './turn-runner.ts';

/** How a visitor's message comes in: `id` names it, so that sending it twice is one turn. */
export interface SentMessage {
  readonly text: string;
  readonly id: string | undefined;
  /** Rejects when the caller is over a rate limit. */
  readonly admitted?: Promise<void>;
}

export interface Contact {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly note: string;
  /** The same wish sent twice under one key is one handoff. */
  readonly idempotencyKey: string | undefined;
}

export interface ChatService extends AsyncDisposable {
  readonly threads: ThreadService;
  readonly conversations: Conversations;
  readonly data: DataOwner;
  /** @throws AppError of the thread; `too-many-messages`, `idempotency-conflict`, `unavailable`. */
  send(visitor: Visitor, threadId: string, message: SentMessage): Promise<ReadableTurn>;
  /** The same for a chat that its client named; the first message makes it. */
  sendToChat(visitor: Visitor, clientChatId: string, message: ChatMessage): Promise<ReadableTurn>;
  /** The turn that runs in the chat, or `turnId` also after its end; undefined if there is none. */
  resume(visitor: Visitor, clientChatId: string, turnId: string | undefined): Promise<ReadableTurn | undefined>;
  /** Ends what runs and waits in the thread; what was said is kept. */
  stop(visitor: Visitor, threadId: string): Promise<void>;
  /** The answer of a turn that was read to its end. */
  getAnswer(accountId: string, turn: ReadableTurn): Promise<Message>;
  /** @throws AppError of the thread; `too-many-handoffs`. */
  requestHandoff(visitor: Visitor, threadId: string, contact: Contact): Promise<{ id: string }>;
  /** Ends turns whose process died, completes those that ended in a crash. */
  sweep(signal?: AbortSignal): Promise<void>;
  /** Takes no more messages, waits for the turns that run, and interrupts those that are left after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
}

export interface ChatDeps {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly upstream: Upstream;
  readonly hasher: Hasher;
  readonly log: Logger;
  readonly leases: Leases;
  readonly accounts: Pick<AccountService, 'getStanding' | 'list' | 'usage'>;
  readonly assistants: Pick<AssistantService, 'getCurrent'>;
  readonly knowledge: Knowledge;
  readonly communication: CommunicationService;
  /** Names this process, as the owner of its turns. */
  readonly processId: string;
  /** How often leases are renewed, texts flushed and stop requests heard. */
  readonly heartbeatMs?: number;
}

interface Beginning {
  readonly admitted: Promise<void> | undefined;
  enter(turnId: string): Promise<Entered>;
}

/** Threads and their streamed turns, as docs/sync.md draws them. */
export function createChatService(deps: ChatDeps): ChatService {
  const { connection, clock, newId, log, accounts, communication, assistants, heartbeatMs = 1000 } = deps;
  const threads = createThreadModel(connection);
  const turns = createTurnModel(connection);
  const messages = createMessageModel(connection);
  const tools = createTools({ ...deps, threads });
  const records = createTurnRecords({ ...deps, threads, turns, messages, usage: deps.accounts.usage });
  const queue = createTurnQueue({ clock, threads, records });
  const visitorLimit = createVisitorLimit(deps);
  const live = createLiveTurns();
  const heartbeat = createHeartbeat({ ...deps, turns, live, everyMs: heartbeatMs });
  const threadService = createThreadService({ ...deps, threads, messages });
  const reader = createTurnReader({ clock, log, live, records, messages, lookEveryMs: heartbeatMs });
  const openTurn = createOpenTurn({ reader, log });
  const entrance = createEntrance({ threads: threadService, messages, queue, records });
  const runner = createTurnRunner({
    ...deps,
    tools,
    records,
    queue,
    lookEveryMs: heartbeatMs,
    safetyIdentifier: (threadId) => deps.hasher.hash('visitor', threadId),
  });
  let isDraining = false;

  /**
   * Both trips of a turn: its place in the thread's order, in the limits and rates, all at once; then its record. Nothing is left of
   * one that is refused. A repetition is answered also at a limit.
   */
  async function begin(visitor: Visitor, conversation: string, asked: Asked, { admitted, enter }: Beginning) {
    if (isDraining) throw new AppError('unavailable', 'The service is about to restart; try again', { retryAfterS: 5 });
    const { accountId } = visitor;
    const turnId = newId('trn');
    const reservation = await reserveTurn({ accounts, visitorLimit }, visitor, conversation, turnId);
    const [entered, counted, isAdmitted, current] = await Promise.allSettled([
      enter(turnId),
      reservation.made,
      admitted,
      assistants.getCurrent(accountId),
    ]);
    const uncount = () => (counted.status === 'fulfilled' ? reservation.giveBack() : undefined);
    if (entered.status === 'rejected') {
      await uncount();
      throw entered.reason;
    }
    if ('repeated' in entered.value) {
      await uncount();
      return openTurn(entered.value.repeated);
    }
    const { thread, token } = entered.value;
    const undo = () => Promise.all([uncount(), giveBack(thread, turnId, token !== undefined)]);
    try {
      for (const step of [isAdmitted, counted, current]) if (step.status === 'rejected') throw step.reason;
      const plan = { assistant: (current as PromiseFulfilledResult<Assistant>).value, usageDate: reservation.date };
      const accept = () => acceptTurn({ ...deps, turns, messages }, thread, turnId, asked, plan);
      let accepted = await accept();
      if (accepted === undefined && (await entrance.freeKey(thread, asked))) accepted = await accept();
      if (accepted !== undefined) return start(accepted, token);
    } catch (error) {
      await undo();
      const repeated = counted.status === 'rejected' ? await entrance.findRepeated(thread, asked) : undefined;
      if (repeated === undefined) throw error;
      return openTurn(repeated);
    }
    await undo();
    return openTurn(await entrance.getRepeated(thread, asked), token);
  }

  function start(accepted: AcceptedTurn, token: string | undefined): ReadableTurn {
    const running = live.add(accepted.turn, (turn) => runner.run(accepted, turn));
    if (isDraining) running.abort('shutdown');
    heartbeat.wake();
    return openTurn(accepted.turn, token);
  }

  async function giveBack({ accountId, _id, seq }: Thread, turnId: string, isNew: boolean): Promise<void> {
    // A thread that was made for a turn which could not begin goes with it, unless another turn has entered it meanwhile.
    if (isNew && (await threads.deleteOne({ accountId, _id, seq })).deletedCount === 1) return;
    await queue.leave(accountId, _id, turnId);
  }

  return {
    threads: threadService,
    conversations: createConversations({ ...deps, threads, turns, messages, live, threadService }),
    data: createChatData({ ...deps, live }),

    send(visitor, threadId, { text, id, admitted }) {
      const asked: Asked = { kind: 'words', text, idempotencyKey: id };
      const enter = (turnId: string) => entrance.enterThread(visitor, threadId, turnId, asked);
      return begin(visitor, threadId, asked, { admitted, enter });
    },

    async sendToChat(visitor, clientChatId, message) {
      const asked = await entrance.readAsked(visitor, clientChatId, message);
      const enter = (turnId: string) => entrance.enterChat(visitor, clientChatId, turnId, asked);
      return begin(visitor, clientChatId, asked, { admitted: message.admitted, enter });
    },

    async resume(visitor, clientChatId, turnId) {
      const thread = await threadService.findByChat(visitor, clientChatId);
      if (thread === undefined) return undefined;
      const names = [turnId, thread.queue[0]?.turn].filter((name) => name !== undefined);
      for (const name of names) {
        const turn = await records.find(thread.accountId, name);
        if (turn?.threadId === thread._id) return openTurn(turn);
      }
      return undefined;
    },

    async stop(visitor, threadId) {
      const { accountId, _id } = await threadService.get(visitor, threadId);
      await records.requestStop(accountId, _id);
      for (const turn of live.list()) if (turn.threadId === _id) turn.abort('stopped');
    },

    async getAnswer(accountId, turn) {
      const message = await messages.findOne({ accountId, _id: turn.answerId }).lean();
      if (message === null)
        throw new AppError('unavailable', 'The answer is being stored; read the thread in a moment');
      return message;
    },

    async requestHandoff(visitor, threadId, { note, idempotencyKey: key, ...contact }) {
      const { accountId, _id } = await threadService.get(visitor, threadId);
      const once = key === undefined ? {} : { onceKey: `visitor:${_id}:${key}` };
      const wish = { ...contact, ...once, threadId: _id, by: 'visitor' as const, reason: note };
      return askForPerson({ clock, threads, communication }, accountId, wish);
    },

    sweep: (signal) => sweepTurns({ ...deps, usage: accounts.usage, threads, turns, records, queue }, signal),

    async drain(timeoutMs) {
      isDraining = true;
      const timer = new AbortController();
      await Promise.race([live.untilFinished(), clock.wait(timeoutMs, timer.signal).catch(() => undefined)]);
      timer.abort();
      for (const turn of live.list()) turn.abort('shutdown');
      await live.untilFinished();
      await heartbeat.stop();
    },

    [Symbol.asyncDispose]() {
      return this.drain(0);
    },
  };
}
