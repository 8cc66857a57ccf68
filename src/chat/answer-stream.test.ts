import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { streamTurn } from './answer-stream.ts';
import type { ReadableTurn } from './readable-turn.ts';
import { createLiveTurns } from './live-turns.ts';
import type { Frame } from './ui-message-stream.ts';

const turn = { _id: 'trn_1', accountId: 'acc_1', threadId: 'thr_1' };

function aFrame(delta: string): Frame {
  return { id: 'trn_1:0', part: { type: 'text-delta', id: 't0', delta } };
}

function readableOf(read: ReadableTurn['read']): ReadableTurn {
  return { id: 'trn_1', answerId: 'msg_1', threadId: 'thr_1', threadToken: undefined, read };
}

async function serve(readable: ReadableTurn, options: { pingMs?: number } = {}) {
  const app = express();
  const finished = Promise.withResolvers<void>();
  app.get('/', async (_req, res) => {
    await streamTurn(res, readable, options);
    finished.resolve();
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    finished: finished.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a stream that has nothing to say for long says a comment', async () => {
  const ended = Promise.withResolvers<void>();
  // oxlint-disable-next-line require-yield -- it says nothing
  const silent = readableOf(async function* () {
    await ended.promise;
  });
  await using server = await serve(silent, { pingMs: 5 });

  const answer = await fetch(`http://127.0.0.1:${server.port}/`);
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  ended.resolve();

  expect(new TextDecoder().decode(first?.value)).toMatch(/^: .+\n\n/);
  await reader?.cancel();
});

test('a visitor who reads nothing is not read ahead for, and their leaving ends the reading', async () => {
  const read = { frames: 0 };
  const endless = readableOf(async function* ({ signal }) {
    while (!signal.aborted) {
      read.frames += 1;
      yield aFrame('x'.repeat(100_000));
    }
  });
  await using server = await serve(endless);

  const socket = connect(server.port, '127.0.0.1');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  // The kernel's buffers are full once two looks see the same count.
  for (let before = -1; before !== read.frames || read.frames === 0;) {
    before = read.frames;
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  }
  expect(read.frames).toBeLessThan(500);
  socket.destroy();

  await server.finished;
});

test('a reader who takes its time holds up neither the turn nor other readers, and misses nothing', async () => {
  const turns = createLiveTurns();
  const signal = new AbortController().signal;
  const ended = { type: 'end', state: 'done', finishReason: 'stop' } as const;
  const begun = Promise.withResolvers<void>();
  const live = turns.add(turn, async (running) => {
    await begun.promise;
    for (const text of ['a', 'b', 'c']) running.push({ type: 'text', text });
    running.push(ended);
  });
  const slow = live.follow(signal)[Symbol.asyncIterator]();
  const first = slow.next();
  begun.resolve();
  await live.finished;

  const other = await Array.fromAsync(live.follow(signal));
  const rest = [await first, await slow.next(), await slow.next(), await slow.next()].map(
    ({ value }) => value as unknown,
  );

  expect(turns.list()).toEqual([]);
  expect(other).toEqual([...['a', 'b', 'c'].map((text) => ({ type: 'text', text })), ended]);
  expect(rest).toEqual(other);
});
