import type { AccountService } from '../accounts/account.service.ts';
import type { CommunicationService } from '../communication/communication.service.ts';
import type { Handoff } from '../communication/handoff.model.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Counts } from '../platform/data-owners.ts';
import type { Leases } from '../platform/lease.ts';
import type { Logger } from '../platform/logger.ts';
import type { Hasher } from '../platform/server-secret.ts';
import { withLease } from '../platform/with-lease.ts';
import { eraseThreads, eraseThreadsWhere, type ThreadEraserDeps } from './erase-threads.ts';
import type { Message } from './message.model.ts';
import type { Thread } from './thread.model.ts';
import { hashVisitor, keptSince, type ThreadService, type Visitor } from './thread.service.ts';

/** Where a page of the list begins: before the conversation `_id`, which last spoke `at`. */
export interface ConversationCursor {
  readonly at: Date;
  readonly _id: string;
}

/** A conversation as its visitor may take it along. */
export interface ThreadExport {
  readonly thread: Thread;
  readonly messages: readonly Message[];
  readonly handoffs: readonly Handoff[];
}

/** What businesses see of their conversations, and how these end: by a visitor, by the business, by time. */
export interface Conversations {
  /** The last that spoke first. */
  list(accountId: string, page: { limit: number; before?: ConversationCursor | undefined }): Promise<Thread[]>;
  /** @throws AppError `not-found`. */
  erase(accountId: string, threadId: string): Promise<void>;
  /** All conversations of one of the business's visitors, as its server names them. */
  eraseVisitor(accountId: string, visitorId: string): Promise<Counts>;
  /** The visitor's right to be forgotten. @throws AppError of the thread. */
  forget(visitor: Visitor, threadId: string): Promise<void>;
  /** The visitor's right to take it along. @throws AppError of the thread. */
  export(visitor: Visitor, threadId: string): Promise<ThreadExport>;
  /** Erases what is older than each business wants it kept, and completes what was broken off. */
  applyRetention(signal: AbortSignal): Promise<void>;
}

const ACCOUNTS_PAGE = 100;
const MESSAGES_PAGE = 500;
const BROKEN_OFF_MS = 60_000;

export function createConversations(
  deps: ThreadEraserDeps & {
    clock: Clock;
    log: Logger;
    leases: Leases;
    hasher: Hasher;
    accounts: Pick<AccountService, 'list' | 'getStanding'>;
    communication: CommunicationService;
    threadService: ThreadService;
  },
): Conversations {
  const { clock, log, accounts, threads, threadService } = deps;

  async function listAllMessages(thread: Thread): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const page = await threadService.listMessages(thread, { limit: MESSAGES_PAGE, before: all[0]?.seq });
      all.unshift(...page);
      if (page.length < MESSAGES_PAGE) return all;
    }
  }

  async function completeErasing(signal: AbortSignal): Promise<void> {
    const broken = await threads
      .find({ erasingAt: { $lte: shiftDate(clock.now(), -BROKEN_OFF_MS) } })
      .sort({ erasingAt: 1 })
      .limit(MESSAGES_PAGE)
      .setOptions({ acrossAccounts: true })
      .lean();
    for (const { accountId, _id } of broken) {
      try {
        await eraseThreads(deps, accountId, [_id], signal);
      } catch (error) {
        if (signal.aborted) throw error;
        // It is tried again by the next look, and must not hold up what others want gone.
        log.error({ event: 'erasing.failed', accountId, threadId: _id, err: error }, 'could not be erased');
      }
    }
  }

  async function applyToAccount(accountId: string, retentionDays: number, signal: AbortSignal): Promise<void> {
    const lastMessageAt = { $lte: keptSince(clock.now(), retentionDays) };
    const counts = await eraseThreadsWhere(deps, { accountId, lastMessageAt }, signal);
    if (counts['threads']) log.info({ event: 'retention.applied', accountId, ...counts }, 'old conversations erased');
  }

  async function applyToAll(signal: AbortSignal): Promise<void> {
    await completeErasing(signal);
    let after: string | undefined;
    do {
      const page = await accounts.list({ after, limit: ACCOUNTS_PAGE });
      for (const { _id, retentionDays } of page) {
        try {
          await applyToAccount(_id, retentionDays, signal);
        } catch (error) {
          if (signal.aborted) throw error;
          log.error({ event: 'retention.failed', accountId: _id, err: error }, 'retention failed');
        }
      }
      after = page.at(-1)?._id;
    } while (after !== undefined);
  }

  return {
    async list(accountId, { limit, before }) {
      const { retentionDays } = await accounts.getStanding(accountId);
      const kept = {
        accountId,
        erasingAt: { $exists: false },
        lastMessageAt: { $gt: keptSince(clock.now(), retentionDays) },
      };
      const place =
        before === undefined
          ? {}
          : { $or: [{ lastMessageAt: { $lt: before.at } }, { lastMessageAt: before.at, _id: { $lt: before._id } }] };
      return threads
        .find({ ...kept, ...place })
        .sort({ lastMessageAt: -1, _id: -1 })
        .limit(limit)
        .lean();
    },

    async erase(accountId, threadId) {
      const thread = await threadService.getOfAccount(accountId, threadId);
      await eraseThreads(deps, accountId, [thread._id]);
    },

    eraseVisitor: (accountId, visitorId) =>
      eraseThreadsWhere(deps, { accountId, visitorHash: hashVisitor(deps.hasher, accountId, visitorId) }),

    async forget(visitor, threadId) {
      const thread = await threadService.get(visitor, threadId);
      await eraseThreads(deps, thread.accountId, [thread._id]);
    },

    async export(visitor, threadId) {
      const thread = await threadService.get(visitor, threadId);
      const [messages, handoffs] = await Promise.all([
        listAllMessages(thread),
        deps.communication.listHandoffs(thread.accountId, thread._id),
      ]);
      return { thread, messages, handoffs };
    },

    async applyRetention(signal) {
      await withLease(deps, 'apply-retention', signal, applyToAll);
    },
  };
}
