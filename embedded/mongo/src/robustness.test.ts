import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Long } from 'mongodb';
import { createCursors } from './cursors.ts';
import { encode, type Document } from './document.ts';
import { type BareClient, connectBare, type ServerProcess, startServerProcess } from './testing.ts';
import { encodeMessage } from './wire.ts';

let dir: string;
let server: ServerProcess;
let client: BareClient;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-robust-'));
  server = await startServerProcess(dir);
  client = await connectBare(server.socketPath);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server.kill();
  await rm(dir, { recursive: true });
});

/** Sends bytes and the end of them; resolves when the server has closed the connection. */
async function sendAndClose(bytes: Uint8Array) {
  const socket = connect({ path: server.socketPath });
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.end(bytes);
  await once(socket, 'close');
}

const command = encodeMessage(encode({ insert: 'fuzzed', documents: [{ a: 1 }], $db: 'test' }), 0);

const flipped = fc.array(fc.tuple(fc.nat(command.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });

test('frames of any bytes close their own connection at most', async () => {
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.nat(command.length).map((length) => command.subarray(0, length)),
    flipped.map((flips) => {
      const frame = Buffer.from(command);
      for (const [at, byte] of flips) frame[at] = byte;
      return frame;
    }),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      await sendAndClose(bytes);
      expect(await client.ask({ ping: 1 })).toMatchObject({ ok: 1 });
    }),
    { numRuns: 100 },
  );
}, 60_000);

function nested(levels: number): Document {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}

test('a document as deep as MongoDB allows is kept, a deeper one refused', async () => {
  expect(await client.ask({ insert: 'deep', documents: [nested(170)] })).toMatchObject({ n: 1 });
  for (const levels of [200, 3_000]) {
    expect(await client.ask({ insert: 'deep', documents: [nested(levels)] })).toMatchObject({ writeErrors: [{ code: 15 }] });
  }
  expect(await client.ask({ find: 'deep', filter: nested(3_000) })).toMatchObject({ ok: expect.any(Number) });
}); // prettier-ignore

test('a name with NUL is refused', async () => {
  const pipeline = [{ $documents: [{}] }, { $replaceWith: { $arrayToObject: [[['a\0b', 1]]] } }];
  expect(await client.ask({ aggregate: 1, pipeline, cursor: {} })).toMatchObject({ ok: 0, code: 2 });
});

test('maxTimeMS ends what takes longer, and others are answered meanwhile', async () => {
  const range = { $range: [0, 1_000] };
  const unwinds = ['a', 'b', 'c'].map((field) => ({ $unwind: `$${field}` }));
  await client.ask({ insert: 'one', documents: [{ x: 1 }] });
  const endless = { aggregate: 'one', pipeline: [{ $set: { a: range, b: range, c: range } }, ...unwinds, { $count: 'n' }], cursor: {} };
  await using other = await connectBare(server.socketPath);
  const ended = client.ask({ ...endless, maxTimeMS: 300 });
  const isFirst = await Promise.race([ended.then(() => false), other.ask({ ping: 1 }).then(() => true)]);
  expect(isFirst).toBe(true);
  expect(await ended).toMatchObject({ ok: 0, code: 50 });
  expect(await client.ask({ ping: 1, maxTimeMS: -1 })).toMatchObject({ ok: 0, code: 2 });
}); // prettier-ignore

test('a pattern of exponential time holds nobody up', async () => {
  await client.ask({ insert: 'patterns', documents: [{ a: `${'a'.repeat(40)}b` }] });
  expect(await client.ask({ find: 'patterns', filter: { a: /^(a+)+$/ } })).toMatchObject({ cursor: { firstBatch: [] } });
  const update = { q: { a: /^(a+)+$/ }, u: { $set: { b: 1 } } };
  expect(await client.ask({ update: 'patterns', updates: [update] })).toMatchObject({ n: 0 });
  await using slow = await connectBare(server.socketPath);
  const lost = slow.ask({ find: 'patterns', filter: { a: /^(a+)+$/i } }).catch(() => 'lost');
  for (let n = 0; n < 20; n++) expect(await client.ask({ find: 'patterns', filter: { a: 1 } })).toMatchObject({ ok: 1 });
  expect(await Promise.race([lost, Promise.resolve('still searching')])).toBe('still searching');
}); // prettier-ignore

test('a cursor that rests for more than ten minutes, or is killed, is no more', () => {
  let nowMs = 0;
  const cursors = createCursors(() => nowMs);
  const open = () => cursors.open('test.x', [1, 2, 3].map((n) => encode({ n })).values(), 1, false).id;
  const [resting, killed] = [open(), open()];
  expect(cursors.kill(killed)).toBe(true);
  expect(() => cursors.more(killed, 'test.x', 1)).toThrow(expect.objectContaining({ code: 43 }));
  nowMs = 599_000;
  cursors.closeIdle();
  expect(cursors.more(resting, 'test.x', 1).batch).toHaveLength(1);
  nowMs += 601_000;
  cursors.closeIdle();
  expect(() => cursors.more(resting, 'test.x', 1)).toThrow(expect.objectContaining({ code: 43 }));
  expect(cursors.has(Long.fromNumber(1))).toBe(false);
});
