import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { LiveTurns } from './live-turns.ts';
import { answerMessageId, type Message, type MessageModel } from './message.model.ts';
import { createPatience } from './patience.ts';
import { shownCalls } from './tools.ts';
import type { TurnEvent } from './turn-event.ts';
import { isLive, type Turn } from './turn.model.ts';
import type { TurnRecords } from './turn-record.ts';

/** Lets anybody read a turn: from memory in the process that runs it, in another from its record. */
export interface TurnReader {
  /** All events of the turn from the first, then those that come, until the end or until the signal is aborted. */
  read(accountId: string, turnId: string, signal: AbortSignal): AsyncIterable<TurnEvent>;
}

export function createTurnReader(deps: {
  clock: Clock;
  log: Logger;
  live: LiveTurns;
  records: TurnRecords;
  messages: MessageModel;
  /** How often a record is looked at. */
  lookEveryMs: number;
}): TurnReader {
  const { clock, records, messages } = deps;
  const patiently = createPatience({ clock, log: deps.log, waitMs: deps.lookEveryMs });

  /** What is stored of a turn that has ended: its message, or, until that is there, the turn itself. */
  async function readEnd(turn: Turn, sent: number): Promise<TurnEvent[]> {
    const { accountId, _id: turnId } = turn;
    const stored = turn.settled
      ? await messages.findOne({ accountId, _id: answerMessageId(turnId) }).lean()
      : undefined;
    const { text, state, answer }: Pick<Message, 'text' | 'state' | 'answer'> = stored ?? {
      text: turn.textSoFar,
      state: turn.state as Message['state'],
      ...(turn.answer ? { answer: turn.answer } : {}),
    };
    return [
      ...textEvents(text, sent),
      ...shownCalls(answer?.calls ?? []).map((call) => ({ type: 'call' as const, call })),
      ...(answer && answer.sources.length > 0 ? [{ type: 'sources' as const, sources: answer.sources }] : []),
      { type: 'end', state, finishReason: answer?.finishReason ?? 'other' },
    ];
  }

  async function findCurrent(accountId: string, turnId: string): Promise<Turn | undefined> {
    const turn = await records.find(accountId, turnId);
    return turn && records.endIfAbandoned(turn);
  }

  async function* followRecord(accountId: string, turnId: string, signal: AbortSignal): AsyncGenerator<TurnEvent> {
    let sent = 0;
    while (!signal.aborted) {
      const found = await patiently(signal, () => findCurrent(accountId, turnId));
      if (found === undefined) {
        yield { type: 'end', state: 'failed', finishReason: 'other' };
        return;
      }
      if (!isLive(found)) {
        const place = sent;
        yield* await patiently(signal, () => readEnd(found, place));
        return;
      }
      yield* textEvents(found.textSoFar, sent);
      sent = found.textSoFar.length;
      await clock.wait(deps.lookEveryMs, signal).catch(() => undefined);
    }
  }

  return {
    read(accountId, turnId, signal) {
      const live = deps.live.find(turnId);
      return live ? live.follow(signal) : followRecord(accountId, turnId, signal);
    },
  };
}

function textEvents(text: string, sent: number): TurnEvent[] {
  return text.length > sent ? [{ type: 'text', text: text.slice(sent) }] : [];
}
