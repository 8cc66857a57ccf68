import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TurnEvent } from './turn-event.ts';
import { createTurnEncoder, encodeFrame, type Frame, parseEventId, type UiPart } from './ui-message-stream.ts';

const turnId = `trn_${'0'.repeat(26)}`;

function encode(events: readonly TurnEvent[], offset = 0): Frame[] {
  const encoder = createTurnEncoder({ turnId, messageId: 'msg_1', metadata: { threadId: 'thr_1' }, offset });
  return [...encoder.start(), ...events.flatMap((event) => encoder.encode(event))];
}

const call = { callId: 'call_1', name: 'request_human', input: {}, output: { said: 'Done' } };
const source = { fileId: 'file_1', name: 'hours.md', title: 'Opening hours' };

const middle: fc.Arbitrary<TurnEvent> = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'grapheme' }).map((text) => ({ type: 'text' as const, text })) },
  fc.constant<TurnEvent>({ type: 'call', call }),
  fc.constant<TurnEvent>({ type: 'sources', sources: [source] }),
);
const end = fc
  .constantFrom('done' as const, 'interrupted' as const, 'failed' as const)
  .map((state) => ({ type: 'end' as const, state, finishReason: 'stop' as const }));
const turns = fc.tuple(fc.array(middle), end).map(([events, last]): TurnEvent[] => [...events, last]);

function textOf(parts: readonly UiPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
}

test('every text part is begun before its deltas and ended once, and the last part is finish or error', () => {
  fc.assert(
    fc.property(turns, fc.nat(40), (events, offset) => {
      const parts = encode(events, offset).map((frame) => frame.part);
      const open = new Set<string>();
      const ended = new Set<string>();
      for (const part of parts) {
        if (part.type === 'text-start') open.add(part.id);
        if (part.type === 'text-delta') expect(open.has(part.id)).toBe(true);
        if (part.type === 'text-end') expect(open.delete(part.id) && !ended.has(part.id)).toBe(true);
        if (part.type === 'text-end') ended.add(part.id);
      }
      expect(open.size).toBe(0);
      expect(['finish', 'error']).toContain(parts.at(-1)?.type);
    }),
  );
});

test('whoever leaves after any frame and comes back with its id gets exactly the rest of the text', () => {
  fc.assert(
    fc.property(turns, fc.nat(), (events, pick) => {
      const frames = encode(events);
      const left = pick % frames.length;
      const last = parseEventId(frames[left]?.id);
      const before = frames.slice(0, left + 1).map((frame) => frame.part);

      const rest = encode(events, last?.offset ?? 0).map((frame) => frame.part);

      expect(textOf(before) + textOf(rest)).toBe(textOf(frames.map((frame) => frame.part)));
    }),
  );
});

test('a call stands between two text parts, with its output', () => {
  const parts = encode([
    { type: 'text', text: 'One moment.' },
    { type: 'call', call },
    { type: 'text', text: 'Done.' },
    { type: 'end', state: 'done', finishReason: 'stop' },
  ]);

  expect(parts.map(({ id, part }) => [id.split(':')[1], part.type])).toEqual([
    ['0', 'start'],
    ['0', 'start-step'],
    ['0', 'text-start'],
    ['11', 'text-delta'],
    ['11', 'text-end'],
    ['11', 'tool-input-available'],
    ['11', 'tool-output-available'],
    ['11', 'text-start'],
    ['16', 'text-delta'],
    ['16', 'text-end'],
    ['16', 'finish-step'],
    ['16', 'finish'],
  ]);
});

test('a frame is one event, whatever the text holds', () => {
  const frame: Frame = { id: `${turnId}:7`, part: { type: 'text-delta', id: 't0', delta: 'a\n\ndata: b\u2028' } };

  expect(encodeFrame(frame)).toBe(`id: ${turnId}:7\ndata: ${JSON.stringify(frame.part)}\n\n`);
  expect(encodeFrame(frame).trimEnd().split('\n')).toHaveLength(2);
});

test.each([undefined, '', '7', 'trn_x:7', `${turnId}:-1`, `${turnId}:x`, `${turnId}:7\nid`])(
  '%j is no event id of ours',
  (text) => {
    expect(parseEventId(text)).toBeUndefined();
  },
);
