import { AppError } from '../platform/errors.ts';
import { type Asked, hashText, requireSameRequest } from './accept-turn.ts';
import type { Message, MessageModel } from './message.model.ts';
import type { Thread } from './thread.model.ts';
import type { ThreadService, Visitor } from './thread.service.ts';
import type { Turn } from './turn.model.ts';
import type { TurnQueue } from './turn-queue.ts';
import type { TurnRecords } from './turn-record.ts';

/** A message as a client of `POST /v1/chat` names it. */
export interface ChatMessage {
  readonly text: string;
  readonly clientId: string;
  readonly idempotencyKey: string | undefined;
  /** `again`: another answer to a message that was sent before; `edit`: other words in its place. What followed it is replaced. */
  readonly intent: 'new' | 'again' | 'edit';
  /** Rejects when the caller is over a rate limit. */
  readonly admitted?: Promise<void>;
}

/** A place in the thread's order, with the token of a thread that was made for it; or the turn that this message had before. */
export type Entered = { readonly thread: Thread; readonly token?: string } | { readonly repeated: Turn };

/** The first trip of a turn, see docs/sync.md: is the thread the visitor's, and may the turn join its queue? */
export interface Entrance {
  /** @throws AppError of the thread; `too-many-messages`, `idempotency-conflict`. */
  enterThread(visitor: Visitor, threadId: string, turnId: string, asked: Asked): Promise<Entered>;
  /** The same by the client's name for it; a thread that doesn't exist is made. */
  enterChat(visitor: Visitor, clientChatId: string, turnId: string, asked: Asked): Promise<Entered>;
  /** What a client's message asks for, once it is known whether it was sent before. */
  readAsked(visitor: Visitor, clientChatId: string, message: ChatMessage): Promise<Asked>;
  /**
   * Whether the turn may be tried again under its idempotency key: the turn that had it failed, or is gone.
   * @throws AppError `idempotency-conflict`.
   */
  freeKey(thread: Thread, asked: Asked): Promise<boolean>;
  /** The turn that has the idempotency key, if any. @throws AppError `idempotency-conflict`. */
  findRepeated(thread: Thread, asked: Asked): Promise<Turn | undefined>;
  /** The turn under the idempotency key. @throws AppError `idempotency-conflict`; `conflict` if it is gone. */
  getRepeated(thread: Thread, asked: Asked): Promise<Turn>;
}

export function createEntrance(deps: {
  threads: ThreadService;
  messages: MessageModel;
  queue: TurnQueue;
  records: TurnRecords;
}): Entrance {
  const { threads, messages, queue, records } = deps;

  async function getRepeated(thread: Thread, asked: Asked): Promise<Turn> {
    const first = await findRepeated(thread, asked);
    if (first === undefined) throw new AppError('conflict', 'This message was sent already; its turn is gone');
    return first;
  }

  async function findRepeated(thread: Thread, asked: Asked): Promise<Turn | undefined> {
    if (asked.idempotencyKey === undefined) return undefined;
    const first = await records.findByKey(thread.accountId, thread._id, asked.idempotencyKey);
    if (first !== undefined) requireSameRequest(first, asked);
    return first;
  }

  async function enter(
    visitor: Visitor,
    byName: { _id: string } | { clientChatId: string },
    turnId: string,
    asked: Asked,
  ): Promise<Entered> {
    const filter = { ...(await threads.tokenFilter(visitor)), ...byName };
    const join = () => queue.enter(filter, turnId);
    const thread = await join();
    if (thread !== undefined) return { thread };
    const refused =
      '_id' in byName ? await threads.get(visitor, byName._id) : await threads.findByChat(visitor, byName.clientChatId);
    if (refused === undefined) throw new AppError('not-found', 'There is no such chat');
    const repeated = await findRepeated(refused, asked);
    if (repeated !== undefined) return { repeated };
    await queue.clearDead(refused);
    const joined = await join();
    if (joined !== undefined) return { thread: joined };
    throw new AppError('too-many-messages', 'Wait for the answers to the messages before this one', { retryAfterS: 2 });
  }

  async function enterChat(visitor: Visitor, clientChatId: string, turnId: string, asked: Asked): Promise<Entered> {
    if (visitor.threadToken !== undefined) {
      const known = await queue.enter({ ...(await threads.tokenFilter(visitor)), clientChatId }, turnId);
      if (known !== undefined) return { thread: known };
    }
    const created = await threads.createForChat(visitor, clientChatId, turnId);
    return created ?? enter(visitor, { clientChatId }, turnId, asked);
  }

  /**
   * The message that a client speaks of again, by its id there or here; none if it never reached us. An edit that failed has
   * replaced nothing: then there are more versions, the first one first.
   */
  async function listSent(visitor: Visitor, clientChatId: string, id: string): Promise<Message[]> {
    const thread = await threads.findByChat(visitor, clientChatId);
    if (thread === undefined) return [];
    const place = { accountId: thread.accountId, threadId: thread._id, role: 'visitor' as const, replaced: false };
    return messages
      .find({ ...place, $or: [{ _id: id }, { clientId: id }] })
      .sort({ seq: 1 })
      .lean();
  }

  async function readAsked(visitor: Visitor, clientChatId: string, message: ChatMessage): Promise<Asked> {
    const { text, clientId, intent, idempotencyKey } = message;
    const words = { kind: 'words', text, clientId, idempotencyKey: idempotencyKey ?? clientId } as const;
    if (intent === 'new') return words;
    const sent = await listSent(visitor, clientChatId, clientId);
    const [first] = sent;
    const last = sent.at(-1);
    if (first === undefined || last === undefined) return words;
    if (intent === 'edit') {
      // The first version has the bare id as its key; the place tells one change to these words from a later one.
      const key = idempotencyKey ?? `${clientId}:${first.seq}:${hashText(text)}`;
      return { ...words, idempotencyKey: key, edits: first };
    }
    if (first === last) return { kind: 'regenerate', message: last, idempotencyKey };
    return { ...words, text: last.text, idempotencyKey, edits: first };
  }

  return {
    enterThread: (visitor, threadId, turnId, asked) => enter(visitor, { _id: threadId }, turnId, asked),
    enterChat,
    readAsked,
    async freeKey(thread, asked) {
      const first = await findRepeated(thread, asked);
      return first === undefined || records.freeKey(await records.endIfAbandoned(first));
    },
    findRepeated,
    getRepeated,
  };
}
