import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { openEngine } from '../index.ts';
import { clientOf } from '../testing.ts';
import type { ChatMessage } from './chat-messages.ts';

/** What a chat server is asked, as far as tests look. */
export interface AskedChat extends Record<string, unknown> {
  messages: ChatMessage[];
  authorization: string | undefined;
}

/** A chat server of which a test writes every byte. */
export interface TestChatServer extends AsyncDisposable {
  url: string;
  asked: AskedChat[];
  /** Resolves once a request has been left before its answer was whole. */
  left: Promise<void>;
}

/** `answer` writes each answer. */
export async function startChatServer(answer: (res: ServerResponse) => void): Promise<TestChatServer> {
  const asked: AskedChat[] = [];
  const left = Promise.withResolvers<void>();
  const respond = async (req: IncomingMessage, res: ServerResponse) => {
    res.on('close', () => {
      if (!res.writableFinished) left.resolve();
    });
    const body = JSON.parse(Buffer.concat(await req.toArray()).toString()) as AskedChat;
    asked.push({ ...body, authorization: req.headers.authorization });
    answer(res);
  };
  const server = createServer((req, res) => void respond(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    left: left.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Chunks of a chat completion as they stand. */
export function send(res: ServerResponse, ...chunks: object[]): void {
  for (const chunk of chunks) res.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

/** One chunk for each delta. */
export function sendDeltas(res: ServerResponse, ...deltas: object[]): void {
  send(res, ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })));
}

/** The end of an answer; the usage in a chunk of its own, as it is asked for. */
export function finish(res: ServerResponse, reason = 'stop', usage?: object): void {
  send(res, { choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  if (usage) send(res, { choices: [], usage });
  res.end('data: [DONE]\n\n');
}

/** A whole answer that says these deltas. */
export function saying(...texts: string[]): (res: ServerResponse) => void {
  return (res) => {
    sendDeltas(res, { role: 'assistant', content: '' }, ...texts.map((content) => ({ content })));
    finish(res);
  };
}

export const MODEL = 'tiny:1b';

export interface Door extends AsyncDisposable {
  client: OpenAI;
  chat: TestChatServer;
}

/** The engine with a chat server that answers so. */
export async function openDoor(answer: (res: ServerResponse) => void, silentMs?: number): Promise<Door> {
  await using opened = new AsyncDisposableStack();
  const chat = opened.use(await startChatServer(answer));
  const engine = openEngine({ path: ':memory:', writer: { url: chat.url, model: MODEL, apiKey: 'the-key', silentMs } });
  opened.defer(() => engine.close());
  const close = opened.move();
  return { client: clientOf(engine), chat, [Symbol.asyncDispose]: () => close.disposeAsync() };
}

/** All events of a stream. */
export async function readAll(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  return Array.fromAsync(stream);
}
