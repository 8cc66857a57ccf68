import type { Assistant } from '../assistants/assistant.model.ts';
import type { SearchResult } from '../assistants/response-stream.ts';
import type { Knowledge, LiveFile } from '../context/knowledge.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { AnswerRecord, ToldPassage } from './answer-record.ts';
import { type Conversation, converse, type ConverseDeps, newConversation } from './converse.ts';
import { type LiveTurn, TurnAbort } from './live-turns.ts';
import { createPatience } from './patience.ts';
import type { PromptParts } from './prompt.ts';
import type { EndState, Turn } from './turn.model.ts';
import type { TurnQueue } from './turn-queue.ts';
import { LEASE_MS, type TurnRecords } from './turn-record.ts';

/** A turn that was accepted, with what it needs to run. */
export interface AcceptedTurn {
  readonly turn: Turn;
  readonly assistant: Assistant;
  /** Read once it is the turn's turn: what others ahead of it say belongs to its history. */
  readonly readPrompt: () => Promise<PromptParts>;
}

export interface TurnRunner {
  /** The whole life of a turn of this process. Never throws: what goes wrong is the turn's end. */
  run(accepted: AcceptedTurn, live: LiveTurn): Promise<void>;
}

interface RunnerDeps extends ConverseDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly knowledge: Knowledge;
  readonly records: TurnRecords;
  readonly queue: TurnQueue;
  /** How often one that waits looks whether it is first. */
  readonly lookEveryMs: number;
}

/** No answer takes so long; a model that never ends must not hold its thread. */
const TURN_MS = 180_000;
/** Of an answer's record: what is kept for the owner must not outgrow the answer by far. */
const PASSAGES_MAX = 12;
const PASSAGE_CHARS_MAX = 600;
const END_TRIES_MAX = 3;
const END_RETRY_MS = 500;

export function createTurnRunner(deps: RunnerDeps): TurnRunner {
  const { clock, log, knowledge, records, queue } = deps;
  /** Those of this process that wait, by thread: told when a turn of the thread has ended. */
  const waiting = new Map<string, Set<() => void>>();
  const patiently = createPatience({ clock, log, waitMs: deps.lookEveryMs });

  async function untilFirst(turn: Turn, live: LiveTurn): Promise<void> {
    if (turn.state === 'running') return;
    for (;;) {
      live.signal.throwIfAborted();
      const place = await patiently(live.signal, () => queue.look(turn.accountId, turn.threadId, turn._id));
      if (place === 'out') throw new TurnAbort('lease-lost');
      if (place === 'head') {
        if (await patiently(live.signal, () => records.start(turn))) return;
        throw new TurnAbort((await records.find(turn.accountId, turn._id))?.stopRequested ? 'stopped' : 'lease-lost');
      }
      await untilNudged(turn.threadId, live.signal);
    }
  }

  async function untilNudged(threadId: string, signal: AbortSignal): Promise<void> {
    const nudged = new AbortController();
    const nudge = (): void => nudged.abort();
    const others = waiting.get(threadId) ?? new Set();
    waiting.set(threadId, others.add(nudge));
    try {
      await clock.wait(deps.lookEveryMs, AbortSignal.any([signal, nudged.signal])).catch(() => undefined);
    } finally {
      others.delete(nudge);
      if (others.size === 0) waiting.delete(threadId);
    }
  }

  /** The files that visitors are answered from now, by id; without them an answer has no sources, but is an answer. */
  async function findLiveFiles(accountId: string, fileIds: ReadonlySet<string>): Promise<Map<string, LiveFile>> {
    try {
      const files = fileIds.size === 0 ? [] : await knowledge.listLiveFiles(accountId, [...fileIds]);
      return new Map(files.map((file) => [file.fileId, file]));
    } catch (error) {
      log.warn({ event: 'sources.failed', accountId, err: error }, 'sources failed');
      return new Map();
    }
  }

  async function answer(accepted: AcceptedTurn, live: LiveTurn, conversation: Conversation): Promise<EndState> {
    const { turn, assistant } = accepted;
    try {
      await untilFirst(turn, live);
      live.runUntil(shiftDate(clock.now(), TURN_MS));
      await converse(deps, assistant, await accepted.readPrompt(), live, conversation);
      if (live.text !== '') return 'done';
      log.warn({ event: 'turn.empty', accountId: turn.accountId, turnId: turn._id }, 'the model said nothing');
      return 'failed';
    } catch (error) {
      const abort: unknown = live.signal.aborted ? live.signal.reason : error;
      if (abort instanceof TurnAbort) {
        if (abort.reason === 'lease-lost') throw abort;
        // What never began is not kept as a part of an answer: the visitor sends it again.
        return abort.reason !== 'stopped' && live.text === '' ? 'failed' : 'interrupted';
      }
      log.warn({ event: 'turn.failed', accountId: turn.accountId, turnId: turn._id, err: error }, 'turn failed');
      return 'failed';
    }
  }

  /** Tried again within the lease: a whole answer is not lost to one write that fails. */
  async function end(turn: Turn, live: LiveTurn, state: EndState, record: AnswerRecord): Promise<boolean> {
    const until = shiftDate(clock.now(), LEASE_MS);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await records.end(turn, state, live.text, record);
      } catch (error) {
        if (attempt === END_TRIES_MAX || clock.now() >= until) throw error;
        log.warn({ event: 'end.failed', accountId: turn.accountId, turnId: turn._id, err: error }, 'end tried again');
        await clock.wait(END_RETRY_MS);
      }
    }
  }

  async function store(turn: Turn, live: LiveTurn, state: EndState, record: AnswerRecord): Promise<void> {
    const isMine = await end(turn, live, state, record);
    if (!isMine) throw new TurnAbort('lease-lost');
    try {
      await records.settle({ ...turn, state, textSoFar: live.text, answer: record });
    } catch (error) {
      // The sweep completes what has ended.
      log.warn({ event: 'settle.failed', accountId: turn.accountId, turnId: turn._id, err: error }, 'settle failed');
    }
  }

  async function runToEnd(accepted: AcceptedTurn, live: LiveTurn, conversation: Conversation): Promise<void> {
    const { turn } = accepted;
    const state = await answer(accepted, live, conversation);
    const { finishReason, usage, citedFileIds, found } = conversation;
    const files = await findLiveFiles(turn.accountId, new Set([...citedFileIds, ...found.map(({ fileId }) => fileId)]));
    // Files that are no longer live were replaced: what they said may be wrong by now.
    const sources = [...citedFileIds].flatMap((fileId) => files.get(fileId) ?? []);
    if (sources.length > 0) live.push({ type: 'sources', sources });
    const record = recordOf(accepted, conversation, sources, files);
    // It is told that the answer is whole only once it is stored.
    await store(turn, live, state, record);
    live.push({ type: 'end', state, finishReason });
    const { accountId, _id: turnId } = turn;
    const { firstTextMs, totalMs } = record;
    log.info({ event: 'turn.ended', accountId, turnId, state, ...usage, firstTextMs, totalMs }, 'turn ended');
  }

  function recordOf(
    { turn, assistant }: AcceptedTurn,
    { finishReason, calls, usage, firstTextAt, found, now }: Conversation,
    sources: AnswerRecord['sources'] = [],
    files: ReadonlyMap<string, LiveFile> = new Map(),
  ): AnswerRecord {
    return {
      sources,
      calls,
      told: { now, passages: found.slice(0, PASSAGES_MAX).map((passage) => toldPassage(passage, files)) },
      usage,
      finishReason,
      assistantVersion: assistant.version,
      firstTextMs: firstTextAt === undefined ? null : firstTextAt.getTime() - turn.createdAt.getTime(),
      totalMs: clock.now().getTime() - turn.createdAt.getTime(),
    };
  }

  async function settleErased(accepted: AcceptedTurn, live: LiveTurn, conversation: Conversation): Promise<void> {
    const { turn } = accepted;
    const answer = recordOf(accepted, conversation);
    try {
      await records.settleErased({ ...turn, state: 'interrupted', textSoFar: live.text, answer });
    } catch (error) {
      log.warn({ event: 'settle.failed', accountId: turn.accountId, turnId: turn._id, err: error }, 'settle failed');
    }
  }

  return {
    async run(accepted, turn) {
      const conversation = newConversation();
      try {
        await runToEnd(accepted, turn, conversation);
      } catch (error) {
        const { accountId, id: turnId } = turn;
        log.error({ event: 'turn.lost', accountId, turnId, err: error }, 'the turn could not be stored');
        await settleErased(accepted, turn, conversation);
        turn.push({ type: 'end', state: 'failed', finishReason: 'other' });
      } finally {
        for (const nudge of waiting.get(turn.threadId) ?? []) nudge();
      }
    },
  };
}

function toldPassage({ fileId, score, text }: SearchResult, files: ReadonlyMap<string, LiveFile>): ToldPassage {
  const { name, title } = files.get(fileId) ?? { name: null, title: 'A file that was replaced meanwhile' };
  const isWhole = text.length <= PASSAGE_CHARS_MAX;
  return { fileId, name, title, score, text: isWhole ? text : `${text.slice(0, PASSAGE_CHARS_MAX).toWellFormed()}…` };
}
