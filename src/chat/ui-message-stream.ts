import type { FinishReason, Source } from './answer-record.ts';
import type { ShownCall } from './tools.ts';
import type { TurnEnd, TurnEvent } from './turn-event.ts';

/** The parts of the AI SDK's UI message stream that we send: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol */
export type UiPart =
  | { readonly type: 'start'; readonly messageId: string; readonly messageMetadata: StartMetadata }
  | { readonly type: 'start-step' | 'finish-step' }
  | { readonly type: 'text-start' | 'text-end'; readonly id: string }
  | { readonly type: 'text-delta'; readonly id: string; readonly delta: string }
  | SourcePart
  | {
      readonly type: 'tool-input-available';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: unknown;
      readonly dynamic: true;
    }
  | {
      readonly type: 'tool-output-available';
      readonly toolCallId: string;
      readonly output: unknown;
      readonly dynamic: true;
    }
  | { readonly type: 'error'; readonly errorText: string }
  | { readonly type: 'abort'; readonly reason: string }
  | { readonly type: 'finish'; readonly finishReason: FinishReason };

export interface SourcePart {
  readonly type: 'source-document';
  readonly sourceId: string;
  readonly mediaType: string;
  readonly title: string;
  readonly filename: string;
}

export interface StartMetadata {
  readonly threadId: string;
  /** Only where the thread was just made: it is told once. */
  readonly threadToken?: string;
}

/** A part and how much of the answer's text, in UTF-16 units, has been sent with it. */
export interface Frame {
  readonly id: string;
  readonly part: UiPart;
}

export interface EncodeOptions {
  readonly turnId: string;
  readonly messageId: string;
  readonly metadata: StartMetadata;
  /** UTF-16 units of the text that the reader has already. */
  readonly offset: number;
}

/** What a visitor reads when an answer failed. */
export const FAILED_TEXT = 'Sorry, I could not finish this answer. Please try again in a moment.';

/**
 * Turns the events of a turn into numbered parts. A reader that comes back with an offset gets a new text part that begins
 * there. After the last event nothing is missing: every text part is ended, and `finish` or `error` was sent.
 */
export function createTurnEncoder({ turnId, messageId, metadata, offset }: EncodeOptions): {
  start(): Frame[];
  encode(event: TurnEvent): Frame[];
} {
  let seen = 0;
  let openText: string | undefined;

  function frames(...parts: UiPart[]): Frame[] {
    const id = `${turnId}:${Math.max(seen, offset)}`;
    return parts.map((part) => ({ id, part }));
  }

  function encodeText(text: string): Frame[] {
    const delta = text.slice(Math.max(0, offset - seen));
    if (delta === '') {
      seen += text.length;
      return [];
    }
    // It is numbered before its text: who got only this comes back for all of it.
    const start: Frame[] = openText === undefined ? frames({ type: 'text-start', id: startText() }) : [];
    seen += text.length;
    return [...start, ...frames({ type: 'text-delta', id: openText ?? '', delta })];
  }

  function startText(): string {
    openText = `t${Math.max(seen, offset)}`;
    return openText;
  }

  function endText(): UiPart[] {
    if (openText === undefined) return [];
    const id = openText;
    openText = undefined;
    return [{ type: 'text-end', id }];
  }

  return {
    start: () => frames({ type: 'start', messageId, messageMetadata: metadata }, { type: 'start-step' }),
    encode(event) {
      switch (event.type) {
        case 'text':
          return encodeText(event.text);
        case 'call':
          return frames(...endText(), ...callParts(event.call));
        case 'sources':
          return frames(...endText(), ...event.sources.map(sourcePart));
        case 'end':
          return frames(...endText(), ...endParts(event));
      }
    },
  };
}

function endParts({ state, finishReason }: TurnEnd): UiPart[] {
  if (state === 'failed') return [{ type: 'error', errorText: FAILED_TEXT }];
  const finish = { type: 'finish', finishReason } as const;
  // Older clients end an answer as an error for finish reasons that they don't know, so `interrupted` isn't used.
  if (state === 'interrupted') return [{ type: 'finish-step' }, { type: 'abort', reason: 'stopped' }, finish];
  return [{ type: 'finish-step' }, finish];
}

function callParts({ callId, name, input, output }: ShownCall): UiPart[] {
  const call = { toolCallId: callId, dynamic: true } as const;
  return [
    { ...call, type: 'tool-input-available', toolName: name, input },
    { ...call, type: 'tool-output-available', output },
  ];
}

export function sourcePart({ fileId, name, title }: Source): SourcePart {
  return { type: 'source-document', sourceId: fileId, mediaType: 'text/markdown', title, filename: name };
}

/** One server-sent event. JSON escapes line ends, so that `data` is one line. */
export function encodeFrame({ id, part }: Frame): string {
  return `id: ${id}\ndata: ${JSON.stringify(part)}\n\n`;
}

/** Reads `Last-Event-ID`; undefined where there is none or it isn't one of ours. */
export function parseEventId(text: string | undefined): { turnId: string; offset: number } | undefined {
  const match = /^(trn_\w{26}):(\d{1,9})$/.exec(text ?? '');
  return match ? { turnId: match[1] as string, offset: Number(match[2]) } : undefined;
}
