import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openEngine } from '@chatbusiness/embedded-openai';
import type { Express } from 'express';
import { type Clock, shiftDate, systemClock } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { createScriptedUpstream, type ScriptedUpstream } from './scripted-upstream.ts';
import { ORIGIN, startApp, type TestApp, type TestBusiness } from './start-app.ts';

/** The real app over real HTTP, its database and engine embedded; what the model says is the test's. */
export interface ChatApp extends AsyncDisposable {
  readonly app: TestApp;
  readonly upstream: ScriptedUpstream;
  readonly bakery: TestBusiness;
  readonly url: string;
  /** A visitor with a thread of their own, of the bakery unless another key is given. */
  visitor(publishableKey?: string): Promise<TestVisitor>;
  /** Another process of the service on the same database; `aheadMs` is how far its clock is ahead. */
  otherProcess(options?: {
    aheadMs?: number;
  }): Promise<{ url: string } & Pick<TestApp['service'], 'chat' | 'platform'>>;
  /** Speaks in the chat of that name as the AI SDK's client does; goes on with the token that it was told, or brings `token`. */
  chatClient(id: string, token?: string): TestChatClient;
  /** Id of the file that visitors are answered from. */
  liveFileId(name: string): Promise<string>;
}

export interface TestVisitor {
  readonly threadId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sends a message; resolves when the answer's headers are there. */
  say(text: string, headers?: Record<string, string>): Promise<StreamReading>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  read(): Promise<ThreadBody>;
}

export interface TestChatClient {
  /** `message` is the body's last message and what is said of it. */
  send(message: ChatWords, headers?: Record<string, string>): Promise<StreamReading>;
  /** The thread, once it was told. */
  visitor(): TestVisitor;
}

export interface ChatWords {
  readonly id: string;
  readonly text: string;
  readonly intent?: 'new' | 'edit' | 'again';
}

interface ThreadBody {
  readonly isAnswering: boolean;
  readonly state: string;
  readonly messages: { id: string; role: string; state: string; parts: { type: string; text?: string }[] }[];
}

export interface Part {
  readonly type: string;
  readonly id?: string;
  readonly delta?: string;
  readonly [field: string]: unknown;
}

/** A UI message stream as its reader sees it. */
export interface StreamReading {
  readonly response: Response;
  /** `id:` of the last frame that was read. */
  readonly lastEventId: string | undefined;
  /** The parts that come until one has that type. */
  until(type: string): Promise<Part[]>;
  /** All parts that are left; fails if the stream doesn't end with `[DONE]`. */
  rest(): Promise<Part[]>;
  /** Text of all parts that were read so far. */
  readonly text: string;
  leave(): Promise<void>;
}

/** Time that is real, and waits that are short: what happens once a second happens fifty times. */
function createFastClock(aheadMs: number): Clock {
  return {
    now: () => shiftDate(systemClock.now(), aheadMs),
    wait: (ms, signal) => systemClock.wait(Math.min(ms, 20), signal),
  };
}

export async function startChatApp(overrides: Partial<Platform> = {}): Promise<ChatApp> {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'chatbusiness-engine-'));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const engine = openEngine({ path: path.join(dir, 'engine.sqlite') });
  opened.defer(() => engine.close());
  const upstream = createScriptedUpstream((input, init) => engine.fetch(input, init));
  const app = opened.use(await startApp({ upstream, clock: createFastClock(0), ...overrides }));
  const bakery = await app.business();
  const url = await listen(app.service.app, opened);
  const close = opened.move();
  const keyHeaders = { 'X-API-Key': bakery.publishableKey, Origin: ORIGIN };
  return {
    app,
    upstream,
    bakery,
    url,
    async visitor(publishableKey = bakery.publishableKey) {
      const headers = { ...keyHeaders, 'X-API-Key': publishableKey };
      const made = await fetch(`${url}/v1/threads`, { method: 'POST', headers });
      const { id, token } = (await made.json()) as { id: string; token: string };
      return createVisitor(url, id, { ...headers, 'X-Thread-Token': token });
    },
    async otherProcess({ aheadMs = 0 } = {}) {
      const service = await app.sibling({ clock: createFastClock(aheadMs) });
      return { url: await listen(service.app, close), chat: service.chat, platform: service.platform };
    },
    chatClient: (id, token) => createChatClient(url, id, keyHeaders, token),
    async liveFileId(name) {
      for await (const file of upstream.openai.files.list()) {
        if (file.filename.includes(name.replace('.md', ''))) return file.id;
      }
      throw new Error(`no file of ${name} is live`);
    },
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

async function listen(app: Express, opened: AsyncDisposableStack): Promise<string> {
  const server = app.listen(0, '127.0.0.1');
  opened.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function createVisitor(url: string, threadId: string, headers: Record<string, string>): TestVisitor {
  const post: TestVisitor['post'] = (route, body, more = {}) =>
    fetch(`${url}/v1/threads/${threadId}/${route}`, {
      method: 'POST',
      headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    threadId,
    headers,
    post,
    say: async (text, more) => readStream(await post('messages', { text }, more)),
    async read() {
      const answer = await fetch(`${url}/v1/threads/${threadId}`, { headers });
      return (await answer.json()) as ThreadBody;
    },
  };
}

function createChatClient(url: string, id: string, headers: Record<string, string>, token?: string): TestChatClient {
  let threadId: string | undefined;
  const tokenHeader = (): Record<string, string> => (token === undefined ? {} : { 'X-Thread-Token': token });
  return {
    async send({ id: messageId, text, intent = 'new' }, more) {
      const response = await fetch(`${url}/v1/chat`, {
        method: 'POST',
        headers: { ...headers, ...tokenHeader(), 'Content-Type': 'application/json', ...more },
        body: JSON.stringify({
          id,
          trigger: intent === 'again' ? 'regenerate-message' : 'submit-message',
          ...(intent === 'edit' ? { messageId } : {}),
          messages: [{ id: messageId, role: 'user', parts: [{ type: 'text', text }] }],
        }),
      });
      threadId ??= response.headers.get('X-Thread-Id') ?? undefined;
      token ??= response.headers.get('X-Thread-Token') ?? undefined;
      return readStream(response);
    },
    visitor: () => createVisitor(url, threadId ?? 'unknown', { ...headers, ...tokenHeader() }),
  };
}

/** The text of each message that a thread shows, as `role state: text`. */
export async function readTexts(visitor: TestVisitor): Promise<string[]> {
  const { messages } = await visitor.read();
  return messages.map(({ role, state, parts }) => `${role} ${state}: ${parts.map(({ text }) => text ?? '').join('')}`);
}

type Operation = 'insertOne' | 'updateOne' | 'deleteOne' | 'findOne';

/** The database as a test lets it answer: what `meddle` does in place of the operation, which it may call. */
export function meddleWith(
  { connection }: Platform,
  collection: string,
  operation: Operation,
  meddle: (run: () => Promise<unknown>, first: Record<string, unknown>, second: unknown) => Promise<unknown>,
): void {
  const driver = connection.collection(collection) as unknown as Record<
    Operation,
    (...args: unknown[]) => Promise<unknown>
  >;
  const run = driver[operation].bind(driver);
  driver[operation] = (...args) => meddle(() => run(...args), args[0] as Record<string, unknown>, args[1]);
}

/** Reads server-sent events as the browser does: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function readStream(response: Response): StreamReading {
  const lines = linesOf(response);
  const seen: Part[] = [];
  let lastEventId: string | undefined;

  async function next(): Promise<Part | 'done' | 'cut'> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return 'cut';
      if (value.startsWith('id: ')) lastEventId = value.slice(4);
      if (value === 'data: [DONE]') return 'done';
      if (value.startsWith('data: ')) return JSON.parse(value.slice(6)) as Part;
    }
  }

  async function collect(isLast: (part: Part) => boolean): Promise<Part[]> {
    const parts: Part[] = [];
    for (;;) {
      const part = await next();
      if (part === 'cut') throw new Error('the stream ended without [DONE]');
      if (part === 'done') return parts;
      parts.push(part);
      seen.push(part);
      if (isLast(part)) return parts;
    }
  }

  return {
    response,
    get lastEventId() {
      return lastEventId;
    },
    get text() {
      return seen.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
    },
    until: (type) => collect((part) => part.type === type),
    rest: () => collect(() => false),
    async leave() {
      await lines.return(undefined);
    },
  };
}

async function* linesOf(response: Response): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const text of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  return undefined;
}
