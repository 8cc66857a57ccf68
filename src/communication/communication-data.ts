import type { Connection } from 'mongoose';
import { type DataOwner, eraseDocuments, exportDocuments } from '../platform/data-owners.ts';
import type { Outbox } from '../platform/outbox.ts';
import { createHandoffModel, type Handoff } from './handoff.model.ts';

/** What is kept of handoffs, apart from telling the business of them. */
export interface HandoffRecords {
  /** Those of a conversation, oldest first. */
  listHandoffs(accountId: string, threadId: string): Promise<Handoff[]>;
  /** Erases those of these conversations, and our copies of the mails about them. */
  eraseHandoffs(accountId: string, threadIds: readonly string[]): Promise<number>;
}

type HandoffDeps = { connection: Connection; outbox: Outbox };

export function createHandoffRecords(deps: HandoffDeps): HandoffRecords {
  const handoffs = createHandoffModel(deps.connection);
  return {
    async listHandoffs(accountId, threadId) {
      return handoffs.find({ accountId, threadId }).sort({ _id: 1 }).lean<Handoff[]>();
    },
    eraseHandoffs: (accountId, threadIds) => eraseWhere(deps, { accountId, threadId: { $in: [...threadIds] } }),
  };
}

export function createCommunicationData(deps: HandoffDeps): DataOwner {
  const handoffs = createHandoffModel(deps.connection);
  return {
    name: 'communication',
    async *exportAccount(accountId) {
      yield exportDocuments('handoffs.jsonl', handoffs, accountId, ['onceKey', 'dueAt']);
    },
    async eraseAccount(accountId, signal) {
      return { handoffs: await eraseWhere(deps, { accountId }, signal) };
    },
  };
}

async function eraseWhere(
  { connection, outbox }: HandoffDeps,
  filter: { accountId: string; threadId?: { $in: string[] } },
  signal?: AbortSignal,
): Promise<number> {
  const handoffs = createHandoffModel(connection);
  const mailed = handoffs.find(filter).select({ _id: 1 }).lean<{ _id: string }[]>();
  // The mails first: without the handoff nobody knows their names. One that isn't told as delivered may have been posted, too.
  for await (const { _id } of mailed.cursor() as AsyncIterable<{ _id: string }>) await outbox.withdraw(_id);
  return eraseDocuments(handoffs, filter, signal);
}
