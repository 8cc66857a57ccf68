import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ResponseError } from '../response-object.ts';

/** A server that speaks OpenAI's chat completions: Ollama, llama.cpp, LM Studio, vLLM and the like. */
export interface ChatServer {
  /** The base URL, such as `http://localhost:11434/v1`. */
  url: string;
  model: string;
  apiKey?: string | undefined;
  /** How long it may say nothing; for a first answer it may have to load its model. */
  silentMs?: number | undefined;
}

/** The chat server didn't answer, or not as it should; the message goes on from its name. */
export class ChatFailure extends Error {
  override readonly name = 'ChatFailure';
  readonly code: ResponseError['code'];

  constructor(code: ResponseError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const tokens = z.number().nullish();

const toolCallDelta = z.looseObject({
  index: z.number().nullish(),
  id: z.string().nullish(),
  // Some servers send the arguments as the object that they are.
  function: z.looseObject({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});

const chatChunk = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z
          .looseObject({
            content: z.string().nullish(),
            // The same under two names.
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
            tool_calls: z.array(toolCallDelta).nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .looseObject({
      prompt_tokens: tokens,
      completion_tokens: tokens,
      prompt_tokens_details: z.looseObject({ cached_tokens: tokens }).nullish(),
      completion_tokens_details: z.looseObject({ reasoning_tokens: tokens }).nullish(),
    })
    .nullish(),
  error: z.unknown().optional(),
});

export type ChatChunk = z.output<typeof chatChunk>;
export type ToolCallDelta = z.output<typeof toolCallDelta>;

const SILENT_MS = 60_000;
/** So often it is said meanwhile that it is waited for: whoever waits for events gives up sooner. */
const PULSES = 6;
const SHOWN_CHARS_MAX = 300;
/** What `data: [DONE]` says to a reader that was told nothing else. */
const DONE: ChatChunk = { choices: [{ finish_reason: 'stop' }] };

/**
 * One streamed chat completion. `waiting` comes every now and then while nothing else does. Leaving the loop ends the request.
 * @throws the signal's reason; ChatFailure for a server that isn't there, refuses, breaks off, talks nonsense or falls silent.
 */
export async function* streamChat(
  server: ChatServer,
  body: object,
  signal: AbortSignal,
): AsyncGenerator<ChatChunk | 'waiting', void, undefined> {
  const ended = new AbortController();
  const silentMs = server.silentMs ?? SILENT_MS;
  try {
    const answer = yield* pulsing(post(server, body, AbortSignal.any([signal, ended.signal])), silentMs);
    const data = readData(answer);
    for (;;) {
      const { value, done } = yield* pulsing(data.next(), silentMs);
      if (done) return;
      if (value === '[DONE]') {
        yield DONE;
        return;
      }
      yield readChunk(value);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ChatFailure ? error : new ChatFailure('server_error', reasonOf(error), error);
  } finally {
    ended.abort();
  }
}

/** Waits, and says so now and then. @throws ChatFailure when it took too long */
async function* pulsing<Value>(promise: Promise<Value>, silentMs: number): AsyncGenerator<'waiting', Value> {
  const settled = promise.then((value) => ({ value }));
  for (let pulse = 1; pulse <= PULSES; pulse += 1) {
    const waited = new AbortController();
    const tick = delay(silentMs / PULSES, undefined, { signal: waited.signal });
    try {
      const outcome = await Promise.race([settled, tick]);
      if (outcome) return outcome.value;
    } finally {
      waited.abort();
    }
    if (pulse < PULSES) yield 'waiting';
  }
  throw new ChatFailure('server_error', `said nothing for ${silentMs / 1000} s`);
}

type ResponseBody = NonNullable<Response['body']>;

async function post(server: ChatServer, body: object, signal: AbortSignal): Promise<ResponseBody> {
  const response = await fetch(`${server.url.replace(/\/+$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(server.apiKey !== undefined && { authorization: `Bearer ${server.apiKey}` }),
    },
    body: JSON.stringify(body),
    signal,
  });
  if (response.ok && response.body) return response.body;
  const said = messageOf(parseJson(await response.text()));
  throw new ChatFailure(codeOf(response.status), `answered ${response.status}${said ? `: ${said}` : ''}`);
}

/** The data of server-sent events, one a line as chat servers send them. */
async function* readData(body: ResponseBody): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.flatMap(dataOf);
  }
  yield* dataOf(rest);
  return undefined;
}

function dataOf(line: string): string[] {
  return line.startsWith('data:') ? [line.slice('data:'.length).trim()] : [];
}

function readChunk(data: string): ChatChunk {
  const parsed = chatChunk.safeParse(parseJson(data));
  if (!parsed.success) throw new ChatFailure('server_error', 'sent what is no chat completion');
  const { error } = parsed.data;
  if (error === undefined || error === null) return parsed.data;
  const status = z.looseObject({ code: z.number() }).safeParse(error).data?.code ?? 500;
  throw new ChatFailure(codeOf(status), `failed: ${messageOf({ error }) ?? 'it did not say why'}`);
}

/** Whether the same request may succeed later is told by the code: a refusal of the request itself is OpenAI's `invalid_prompt`. */
function codeOf(status: number): ResponseError['code'] {
  if (status === 429) return 'rate_limit_exceeded';
  return status < 400 || status >= 500 || status === 408 || status === 409 ? 'server_error' : 'invalid_prompt';
}

function messageOf(body: unknown): string | undefined {
  const message = z.looseObject({ message: z.string() }).transform((error) => error.message);
  const error = z.union([z.string(), message]);
  const read = z.union([z.looseObject({ error }).transform((given) => given.error), message]).safeParse(body);
  return read.data?.slice(0, SHOWN_CHARS_MAX);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { cause } = Error.isError(error) ? error : {};
  const reason = Error.isError(cause) ? cause : error;
  const named = Error.isError(reason) ? ('code' in reason ? String(reason.code) : reason.message) : String(reason);
  return `is not reachable, or broke off (${named})`;
}
