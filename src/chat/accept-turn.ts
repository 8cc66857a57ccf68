import { createHash } from 'node:crypto';
import type { Assistant } from '../assistants/assistant.model.ts';
import type { Knowledge } from '../context/knowledge.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import { type Message, type MessageModel, visitorMessageId } from './message.model.ts';
import type { PromptParts } from './prompt.ts';
import type { Thread } from './thread.model.ts';
import type { Turn, TurnModel } from './turn.model.ts';
import { LEASE_MS } from './turn-record.ts';
import type { AcceptedTurn } from './turn-runner.ts';

/** What a turn answers: new words, or an earlier message once more. */
export type Asked =
  | {
      readonly kind: 'words';
      readonly text: string;
      readonly idempotencyKey: string | undefined;
      readonly clientId?: string;
      /** The message whose place the words take, with all that followed it. */
      readonly edits?: Message;
    }
  | { readonly kind: 'regenerate'; readonly message: Message; readonly idempotencyKey: string | undefined };

const HISTORY_MESSAGES_MAX = 60;

/** Tells one request from another under the same idempotency key. */
export function hashRequest(asked: Asked): string {
  return hashText(asked.kind === 'words' ? asked.text : asked.message._id);
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The second trip of a turn, see docs/sync.md: turn and visitor's message are stored, and, if the turn is the first in the queue, its
 * history is read meanwhile. Undefined if the idempotency key is taken. Then, and when it throws, nothing of the turn is stored.
 */
export async function acceptTurn(
  deps: {
    clock: Clock;
    processId: string;
    turns: TurnModel;
    messages: MessageModel;
    knowledge: Knowledge;
  },
  thread: Thread,
  turnId: string,
  asked: Asked,
  { assistant, usageDate }: { assistant: Assistant; usageDate: string },
): Promise<AcceptedTurn | undefined> {
  const { messages, turns } = deps;
  const turn = { ...newTurn(deps, thread, turnId, asked), usageDate, model: assistant.model };
  const message = asked.kind === 'words' ? newMessage(turn, asked) : undefined;
  const reading = turn.state === 'running' ? readPrompt(deps, turn, asked) : undefined;
  // Awaited by the turn; until then a failure must not count as nobody's.
  reading?.catch(() => undefined);
  const [turnStored, messageMade] = await Promise.allSettled([
    turns.create(turn),
    message === undefined ? undefined : messages.create(message),
  ]);
  const isTaken = turnStored.status === 'fulfilled' && message !== undefined && isDuplicate(messageMade);
  const [messageStored] = isTaken ? await Promise.allSettled([takeMessage(messages, message)]) : [messageMade];
  if (turnStored.status === 'fulfilled' && messageStored.status === 'fulfilled') {
    // A history that was read before the message was taken may hold it.
    return { turn, assistant, readPrompt: () => (isTaken ? undefined : reading) ?? readPrompt(deps, turn, asked) };
  }
  await Promise.all([
    turns.deleteOne({ accountId: thread.accountId, _id: turnId }),
    messageStored.status === 'fulfilled' && message !== undefined
      ? messages.deleteOne({ accountId: thread.accountId, _id: message._id, turnId })
      : undefined,
  ]);
  if (isDuplicate(turnStored)) return undefined;
  throw turnStored.status === 'rejected' ? turnStored.reason : (messageStored as PromiseRejectedResult).reason;
}

function isDuplicate(stored: PromiseSettledResult<unknown>): boolean {
  return stored.status === 'rejected' && isDuplicateKey(stored.reason);
}

/**
 * Makes the message this turn's, where the very same one is there: of a request that lost the turn, and is about to delete it as
 * its own; of a process that died, or of a turn that failed, in an earlier place.
 */
async function takeMessage(messages: MessageModel, message: Message): Promise<void> {
  const { accountId, _id, ...fields } = message;
  const take = () => messages.updateOne({ accountId, _id }, { $set: fields }, { upsert: true });
  try {
    await take();
  } catch (error) {
    // Another loser's stood there by the time of the insert.
    if (!isDuplicateKey(error)) throw error;
    await take();
  }
}

function newTurn(deps: { clock: Clock; processId: string }, thread: Thread, turnId: string, asked: Asked): Turn {
  const now = deps.clock.now();
  return {
    _id: turnId,
    accountId: thread.accountId,
    threadId: thread._id,
    seq: thread.seq,
    ...(asked.idempotencyKey === undefined ? {} : { idempotencyKey: asked.idempotencyKey }),
    requestHash: hashRequest(asked),
    ...(asked.kind === 'regenerate' ? { replacesSeq: asked.message.seq + 1 } : {}),
    ...(asked.kind === 'words' && asked.edits ? { replacesSeq: asked.edits.seq } : {}),
    state: thread.queue[0]?.turn === turnId ? 'running' : 'waiting',
    lease: { owner: deps.processId, until: shiftDate(now, LEASE_MS) },
    stopRequested: false,
    textSoFar: '',
    settled: false,
    createdAt: now,
  };
}

function newMessage(turn: Turn, asked: Extract<Asked, { kind: 'words' }>): Message {
  return {
    _id: visitorMessageId(turn.threadId, asked.idempotencyKey ?? turn._id, asked.text),
    accountId: turn.accountId,
    threadId: turn.threadId,
    turnId: turn._id,
    seq: turn.seq - 1,
    role: 'visitor',
    ...(asked.clientId === undefined ? {} : { clientId: asked.clientId }),
    text: asked.text,
    state: 'done',
    replaced: false,
    createdAt: turn.createdAt,
  };
}

async function readPrompt(
  deps: { clock: Clock; messages: MessageModel; knowledge: Knowledge },
  { accountId, threadId, seq }: Turn,
  asked: Asked,
): Promise<PromptParts> {
  const earlier = asked.kind === 'regenerate' ? asked.message : asked.edits;
  const before = earlier?.seq ?? seq - 1;
  const [history, now] = await Promise.all([
    deps.messages
      .find({ accountId, threadId, replaced: false, seq: { $lt: before } })
      .sort({ seq: -1 })
      .limit(HISTORY_MESSAGES_MAX)
      .select({ role: 1, text: 1 })
      .lean(),
    deps.knowledge.describeNow(accountId, deps.clock.now()),
  ]);
  return { history: history.reverse(), now, words: asked.kind === 'regenerate' ? asked.message.text : asked.text };
}

/** @throws AppError `idempotency-conflict` when the key was used for other words. */
export function requireSameRequest(turn: Turn, asked: Asked): void {
  if (turn.requestHash !== hashRequest(asked)) {
    throw new AppError('idempotency-conflict', 'Idempotency-Key: it was used for another message of this thread');
  }
}
