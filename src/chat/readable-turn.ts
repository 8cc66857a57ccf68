import type { Logger } from '../platform/logger.ts';
import { answerMessageId } from './message.model.ts';
import type { Turn } from './turn.model.ts';
import type { TurnReader } from './turn-reader.ts';
import { createTurnEncoder, type Frame, type StartMetadata } from './ui-message-stream.ts';

/** A turn as its visitor may follow it. It runs whether anybody reads or not. */
export interface ReadableTurn {
  readonly id: string;
  readonly answerId: string;
  readonly threadId: string;
  /** Only where the thread was just made for it. */
  readonly threadToken: string | undefined;
  /** Frames from `offset` UTF-16 units of text on, until the end or until the signal is aborted. Never throws. */
  read(options: { offset: number; signal: AbortSignal }): AsyncIterable<Frame>;
}

/** `threadToken` is told to the reader of a thread's first turn, where the thread was made for it. */
export type OpenTurn = (turn: Pick<Turn, '_id' | 'accountId' | 'threadId'>, threadToken?: string) => ReadableTurn;

export function createOpenTurn({ reader, log }: { reader: TurnReader; log: Logger }): OpenTurn {
  return (turn, threadToken) => {
    const { _id: id, accountId, threadId } = turn;
    const answerId = answerMessageId(id);
    const metadata: StartMetadata = { threadId, ...(threadToken === undefined ? {} : { threadToken }) };
    return {
      id,
      answerId,
      threadId,
      threadToken,
      async *read({ offset, signal }) {
        const encoder = createTurnEncoder({ turnId: id, messageId: answerId, metadata, offset });
        yield* encoder.start();
        try {
          for await (const event of reader.read(accountId, id, signal)) yield* encoder.encode(event);
        } catch (error) {
          if (signal.aborted) return;
          log.error({ event: 'turn.unreadable', accountId, turnId: id, err: error }, 'turn unreadable');
          yield* encoder.encode({ type: 'end', state: 'failed', finishReason: 'other' });
        }
      },
    };
  };
}
