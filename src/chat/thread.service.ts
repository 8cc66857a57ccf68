import { randomBytes } from 'node:crypto';
import type { AccountService } from '../accounts/account.service.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { VisitorCaller } from '../platform/route.ts';
import { type Hasher, isSameHash } from '../platform/server-secret.ts';
import type { Message, MessageModel } from './message.model.ts';
import type { Thread, ThreadModel } from './thread.model.ts';

/** What a visitor shows for a thread: the key's caller, and the thread's token. */
export interface Visitor extends VisitorCaller {
  readonly threadToken: string | undefined;
  /** Where it comes from; undefined where it is no connection. */
  readonly address: string | undefined;
  /** What the business's own server calls it; only a secret key may say. */
  readonly visitorId?: string | undefined;
}

export interface ThreadService {
  /** A new thread; its token is told here and nowhere else. */
  create(visitor: Pick<Visitor, keyof VisitorCaller | 'visitorId'>): Promise<{ thread: Thread; token: string }>;
  /**
   * A new thread of the client's name, with its first turn in the queue; undefined if it exists already. A client that brings a
   * token of its own (32 to 100 characters, safe in URLs) can go on also where the answer that told it was lost.
   */
  createForChat(
    visitor: Visitor,
    clientChatId: string,
    turnId: string,
  ): Promise<{ thread: Thread; token: string } | undefined>;
  /** @throws AppError `not-found` for a thread of somebody else as for none; `wrong-thread-token`. */
  get(visitor: Visitor, threadId: string): Promise<Thread>;
  /** The same by the name that the client gave it; undefined if there is none. @throws AppError `wrong-thread-token`. */
  findByChat(visitor: Visitor, clientChatId: string): Promise<Thread | undefined>;
  /** A thread as its business sees it. @throws AppError `not-found`, also for one of another business. */
  getOfAccount(accountId: string, threadId: string): Promise<Thread>;
  /** Messages in order, the newest `limit` before `before`; replaced ones are left out. */
  listMessages(thread: Thread, page: { limit: number; before?: number | undefined }): Promise<Message[]>;
  /** The filter that only a thread with this token fits: a check and an update in one trip. */
  tokenFilter(
    visitor: Visitor,
  ): Promise<{ accountId: string; keyId: string; tokenHash: string; lastMessageAt: object }>;
}

const OWN_TOKEN = /^[\w-]{32,100}$/;

export function createThreadService(deps: {
  clock: Clock;
  newId: NewId;
  hasher: Hasher;
  accounts: Pick<AccountService, 'getStanding'>;
  threads: ThreadModel;
  messages: MessageModel;
}): ThreadService {
  const { clock, newId, hasher, threads, messages } = deps;

  /** What is older than its business wants it kept is hidden at once, whenever it is erased. The standing is at hand: no look-up. */
  async function kept(accountId: string) {
    const { retentionDays } = await deps.accounts.getStanding(accountId);
    return { lastMessageAt: { $gt: keptSince(clock.now(), retentionDays) } };
  }

  async function insert(
    { visitorId, ...caller }: Pick<Visitor, keyof VisitorCaller | 'visitorId'>,
    more: Partial<Thread> = {},
    token = randomBytes(32).toString('base64url'),
  ): Promise<{ thread: Thread; token: string }> {
    const now = clock.now();
    const thread: Thread = {
      _id: newId('thr'),
      accountId: caller.accountId,
      keyId: caller.keyId,
      tokenHash: hasher.hash('thread-token', token),
      state: 'open',
      seq: 0,
      queue: [],
      lastMessageAt: now,
      createdAt: now,
      ...(visitorId === undefined ? {} : { visitorHash: hashVisitor(hasher, caller.accountId, visitorId) }),
      ...more,
    };
    await threads.create(thread);
    return { thread, token };
  }

  function requireToken(thread: Thread, { threadToken }: Visitor): Thread {
    if (threadToken === undefined) {
      throw new AppError('wrong-thread-token', 'X-Thread-Token: this thread needs the token that it was made with');
    }
    if (!isSameHash(thread.tokenHash, hasher.hash('thread-token', threadToken))) {
      throw new AppError('wrong-thread-token', 'X-Thread-Token: this is not the token of this thread');
    }
    return thread;
  }

  return {
    create: (visitor) => insert(visitor),

    async createForChat(visitor, clientChatId, turnId) {
      const brought = OWN_TOKEN.exec(visitor.threadToken ?? '')?.[0];
      try {
        return await insert(visitor, { clientChatId, seq: 2, queue: [{ turn: turnId, at: clock.now() }] }, brought);
      } catch (error) {
        if (isDuplicateKey(error)) return undefined;
        throw error;
      }
    },

    async get(visitor, threadId) {
      const { accountId, keyId } = visitor;
      const thread = await threads.findOne({ accountId, _id: threadId, keyId, ...(await kept(accountId)) }).lean();
      if (thread === null) throw new AppError('not-found', 'There is no such thread');
      return requireToken(thread, visitor);
    },

    async getOfAccount(accountId, threadId) {
      const known = { accountId, _id: threadId, erasingAt: { $exists: false }, ...(await kept(accountId)) };
      const thread = await threads.findOne(known).lean();
      if (thread === null) throw new AppError('not-found', 'There is no such conversation');
      return thread;
    },

    async findByChat(visitor, clientChatId) {
      const { accountId, keyId } = visitor;
      const thread = await threads.findOne({ accountId, keyId, clientChatId, ...(await kept(accountId)) }).lean();
      return thread === null ? undefined : requireToken(thread, visitor);
    },

    async listMessages({ accountId, _id }, { limit, before }) {
      const place = before === undefined ? {} : { seq: { $lt: before } };
      const newest = await messages
        .find({ accountId, threadId: _id, replaced: false, ...place })
        .sort({ seq: -1 })
        .limit(limit)
        .lean();
      return newest.reverse();
    },

    async tokenFilter({ accountId, keyId, threadToken }) {
      return {
        accountId,
        keyId,
        tokenHash: hasher.hash('thread-token', threadToken ?? ''),
        ...(await kept(accountId)),
      };
    },
  };
}

/** Conversations that have not spoken since are older than they are kept. */
export function keptSince(now: Date, retentionDays: number): Date {
  return shiftDate(now, -retentionDays * 24 * 60 * 60 * 1000);
}

/** The same visitor of two businesses is two. */
export function hashVisitor(hasher: Hasher, accountId: string, visitorId: string): string {
  return hasher.hash('visitor', `${accountId}\n${visitorId}`);
}
