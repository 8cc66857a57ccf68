import type { FinishReason, Source } from './answer-record.ts';
import type { ShownCall } from './tools.ts';
import type { EndState } from './turn.model.ts';

/** What a visitor can see of a turn, in order; `end` is the last. */
export type TurnEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly call: ShownCall }
  | { readonly type: 'sources'; readonly sources: readonly Source[] }
  | TurnEnd;

export interface TurnEnd {
  readonly type: 'end';
  readonly state: EndState;
  readonly finishReason: FinishReason;
}
