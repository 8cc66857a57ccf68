import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openEngine } from '@chatbusiness/embedded-openai';
import { type Clock, shiftDate, systemClock } from '../../src/platform/clock.ts';
import { createUpstream } from '../../src/platform/openai-client.ts';
import { startApp, type TestApp } from '../../src/testing/start-app.ts';

/** Time that runs from a moment that can be set. */
export interface SetClock extends Clock {
  set(at: Temporal.ZonedDateTime): void;
}

export function createSetClock(): SetClock {
  let aheadMs = 0;
  return {
    ...systemClock,
    now: () => shiftDate(systemClock.now(), aheadMs),
    set(at) {
      aheadMs = at.epochMilliseconds - systemClock.now().getTime();
    },
  };
}

export interface Answered {
  text: string;
  /** From the request's start to the whole answer. */
  durationMs: number;
}

/** A visitor with a publishable key, who begins a thread, says one thing after the other and tells the last answer. */
export async function askThread(
  { http }: Pick<TestApp, 'http'>,
  { key, origin }: { key: string; origin: string },
  messages: readonly string[],
): Promise<Answered> {
  const headers = { 'X-API-Key': key, Origin: origin, Accept: 'application/json' };
  const opened = await http.post('/v1/threads').set(headers);
  const thread = opened.body as { id: string; token: string };
  let answered: Answered = { text: '', durationMs: 0 };
  for (const text of messages) {
    const startedAt = performance.now();
    const response = await http
      .post(`/v1/threads/${thread.id}/messages`)
      .set({ ...headers, 'X-Thread-Token': thread.token })
      .send({ text });
    if (response.status !== 200) throw new Error(`"${text}" got ${response.status}: ${JSON.stringify(response.body)}`);
    answered = { text: textOf(response.body), durationMs: performance.now() - startedAt };
  }
  return answered;
}

/** The same for one question, streamed. @returns ms from the request's start to the first word. @throws Error if none comes. */
export async function askForFirstWord(
  { http, url }: Pick<EvalService, 'http' | 'url'>,
  { key, origin }: { key: string; origin: string },
  text: string,
): Promise<number> {
  const headers = { 'X-API-Key': key, Origin: origin };
  const { id, token } = (await http.post('/v1/threads').set(headers)).body as { id: string; token: string };
  const startedAt = performance.now();
  const response = await fetch(`${url}/v1/threads/${id}/messages`, {
    method: 'POST',
    headers: { ...headers, 'X-Thread-Token': token, 'Content-Type': 'application/json' },
    body: JSON.stringify({ text }),
  });
  let firstMs: number | undefined;
  let seen = '';
  for await (const chunk of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
    seen += chunk;
    if (seen.includes('"text-delta"')) firstMs ??= performance.now() - startedAt;
  }
  if (firstMs === undefined) throw new Error(`"${text}" got no answer: ${seen.slice(0, 200)}`);
  return firstMs;
}

function textOf(message: { parts: { type: string; text?: string }[] }): string {
  return message.parts.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join('\n');
}

/** The real service on a database of its own, with the engine as `npm start` has it: it ranks by words and meaning. */
export interface EvalService extends TestApp {
  /** Resolves when all that was synced is ranked by meaning too; else the first answers would be by words alone. */
  untilRanked(): Promise<void>;
  /** Where it is reached by those who read streams. */
  readonly url: string;
}

export async function startService(clock: Clock): Promise<EvalService> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'eval-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'engine.sqlite');
  const engine = openEngine({ path: file, embeddings: true });
  opened.defer(() => engine.close());
  const upstream = createUpstream({ kind: 'embedded', path: file, model: 'embedded-extractive' }, (input, init) =>
    engine.fetch(input, init),
  );
  const app = opened.use(await startApp({ clock, upstream }));
  const server = opened.adopt(app.service.app.listen(0, '127.0.0.1'), (listening) => void listening.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = opened.move();
  return { ...app, url, untilRanked: () => engine.embedded(), [Symbol.asyncDispose]: () => close.disposeAsync() };
}
