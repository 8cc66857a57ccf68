import { once } from 'node:events';
import type { Response } from 'express';
import type { ReadableTurn } from './readable-turn.ts';
import { encodeFrame } from './ui-message-stream.ts';

/** Proxies close a connection that says nothing for long. */
const PING_MS = 15_000;

/**
 * Answers with the turn's UI message stream, from `offset` on. Reads no faster than the visitor does, and lets go of the turn, which
 * runs on, when the visitor leaves.
 */
export async function streamTurn(
  res: Response,
  turn: ReadableTurn,
  { offset = 0, pingMs = PING_MS }: { offset?: number | undefined; pingMs?: number } = {},
): Promise<void> {
  const left = new AbortController();
  res.on('close', () => left.abort());
  if (res.destroyed) return;
  res.writeHead(200, {
    'content-type': 'text/event-stream',
    'x-vercel-ai-ui-message-stream': 'v1',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  const ping = setInterval(() => {
    if (!res.writableNeedDrain && !left.signal.aborted) res.write(': still here\n\n');
  }, pingMs);
  try {
    for await (const frame of turn.read({ offset, signal: left.signal })) {
      if (left.signal.aborted) return;
      // `drain` alone never comes once the visitor has left.
      if (!res.write(encodeFrame(frame))) await once(res, 'drain', left).catch(() => undefined);
    }
    if (!left.signal.aborted) res.end('data: [DONE]\n\n');
  } finally {
    clearInterval(ping);
  }
}
