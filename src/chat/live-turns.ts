import type { TurnEvent } from './turn-event.ts';
import type { Turn } from './turn.model.ts';

/** Why a turn of this process must end before its answer does. */
export class TurnAbort extends Error {
  override readonly name = 'TurnAbort';
  readonly reason: 'stopped' | 'shutdown' | 'lease-lost' | 'deadline';

  constructor(reason: TurnAbort['reason']) {
    super(`the turn was ended: ${reason}`);
    this.reason = reason;
  }
}

/** A turn that this process works on. It runs by itself; whoever reads follows what it has said. */
export interface LiveTurn {
  readonly id: string;
  readonly accountId: string;
  readonly threadId: string;
  readonly signal: AbortSignal;
  readonly text: string;
  /** Resolves when nothing of it runs any more. */
  readonly finished: Promise<void>;
  /** When it has to end; undefined while it waits. */
  readonly deadline: Date | undefined;
  runUntil(deadline: Date): void;
  abort(reason: TurnAbort['reason']): void;
  push(event: TurnEvent): void;
  /** All events from the first one, then those that come, until the end. A slow reader holds nobody up. */
  follow(signal: AbortSignal): AsyncIterable<TurnEvent>;
}

export interface LiveTurns {
  find(turnId: string): LiveTurn | undefined;
  list(): LiveTurn[];
  /** Resolves when those that are live now have finished. */
  untilFinished(): Promise<void>;
  /** Runs `run` as the turn's life. It must not throw. */
  add(turn: Pick<Turn, '_id' | 'accountId' | 'threadId'>, run: (live: LiveTurn) => Promise<void>): LiveTurn;
}

export function createLiveTurns(): LiveTurns {
  const turns = new Map<string, LiveTurn>();
  return {
    find: (turnId) => turns.get(turnId),
    list: () => [...turns.values()],
    async untilFinished() {
      await Promise.all([...turns.values()].map((turn) => turn.finished));
    },
    add(turn, run) {
      const finished = Promise.withResolvers<void>();
      const live = createLiveTurn(turn, finished.promise);
      turns.set(live.id, live);
      void run(live).finally(() => {
        turns.delete(live.id);
        finished.resolve();
      });
      return live;
    },
  };
}

function createLiveTurn(
  { _id: id, accountId, threadId }: Pick<Turn, '_id' | 'accountId' | 'threadId'>,
  finished: Promise<void>,
): LiveTurn {
  const events: TurnEvent[] = [];
  const aborted = new AbortController();
  let text = '';
  let deadline: Date | undefined;
  let more = Promise.withResolvers<void>();
  return {
    id,
    accountId,
    threadId,
    signal: aborted.signal,
    finished,
    get text() {
      return text;
    },
    get deadline() {
      return deadline;
    },
    runUntil(given) {
      deadline = given;
    },
    abort: (reason) => aborted.abort(new TurnAbort(reason)),
    push(event) {
      events.push(event);
      if (event.type === 'text') text += event.text;
      more.resolve();
      more = Promise.withResolvers();
    },
    async *follow(signal) {
      const left = Promise.withResolvers<void>();
      const leave = (): void => left.resolve();
      signal.addEventListener('abort', leave, { once: true });
      try {
        for (let place = 0; !signal.aborted; place += 1) {
          while (place >= events.length && !signal.aborted) await Promise.race([more.promise, left.promise]);
          const event = events[place];
          if (event === undefined) return;
          yield event;
          if (event.type === 'end') return;
        }
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
  };
}
