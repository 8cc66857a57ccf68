import OpenAI from 'openai';
import type { ResponseCreateParams } from 'openai/resources/responses/responses';
import type { Upstream } from '../platform/openai-client.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** An OpenAI server of which a test writes every byte, reached through the real SDK. */
export interface ScriptedUpstream extends Upstream {
  /** The next response that is asked for. Those that are asked for before they are scripted wait. */
  respond(): ScriptedResponse;
  /** The next response is refused with that HTTP status. */
  refuse(status: number): void;
}

/** One streamed response, at the test's pace. */
export interface ScriptedResponse {
  /** Resolves with the request's body once the service asks. */
  readonly asked: Promise<ResponseCreateParams>;
  /** Resolves when the service has let go of the response before its end. */
  readonly aborted: Promise<void>;
  text(...deltas: string[]): ScriptedResponse;
  cite(fileId: string, filename: string): ScriptedResponse;
  search(results: readonly { file_id: string; filename: string; score: number; text: string }[]): ScriptedResponse;
  call(callId: string, name: string, args: object): ScriptedResponse;
  /** Any event as it stands. */
  event(event: { type: string } & Record<string, unknown>): ScriptedResponse;
  /** Bytes as they stand. */
  raw(bytes: string): ScriptedResponse;
  complete(): void;
  incomplete(reason: string): void;
  fail(code: string): void;
  /** The connection ends although the response hasn't. */
  close(): void;
}

/** `otherwise` serves what isn't a response (files and vector stores). */
export function createScriptedUpstream(otherwise?: Fetch): ScriptedUpstream {
  const scripted: ((init: RequestInit | undefined) => Response)[] = [];
  const waiting: (() => void)[] = [];

  async function take(init: RequestInit | undefined): Promise<Response> {
    while (scripted.length === 0) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push(resolve);
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      await promise;
    }
    return (scripted.shift() as (init: RequestInit | undefined) => Response)(init);
  }

  const fetch: Fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname.endsWith('/responses')) return take(init);
    if (otherwise) return otherwise(input, init);
    throw new Error(`nothing is scripted for ${url.pathname}`);
  };

  function script(answer: (init: RequestInit | undefined) => Response): void {
    scripted.push(answer);
    waiting.shift()?.();
  }

  return {
    name: 'scripted',
    model: 'scripted-model',
    reasoningEffort: undefined,
    openai: new OpenAI({
      apiKey: 'test',
      baseURL: 'http://scripted.test/v1',
      fetch,
      maxRetries: 0,
      timeout: 5000,
      logLevel: 'off',
    }),
    refuse(status) {
      const body = { error: { message: `refused with ${status}`, type: 'test', code: null, param: null } };
      script(() => Response.json(body, { status }));
    },
    respond() {
      const { response, answer } = createScriptedResponse();
      script(answer);
      return response;
    },
  };
}

function createScriptedResponse(): { response: ScriptedResponse; answer: (init: RequestInit | undefined) => Response } {
  const asked = Promise.withResolvers<ResponseCreateParams>();
  const aborted = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel: () => aborted.resolve(),
  });
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 40, cache_write_tokens: 0 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 120,
  };
  let place = 0;

  function raw(bytes: string): ScriptedResponse {
    controller.enqueue(encoder.encode(bytes));
    return response;
  }

  function event(given: { type: string } & Record<string, unknown>): ScriptedResponse {
    place += 1;
    return raw(`event: ${given.type}\ndata: ${JSON.stringify({ ...given, sequence_number: place })}\n\n`);
  }

  function end(type: string, fields: object): void {
    event({ type, response: { id: 'resp_1', object: 'response', output: [], usage, ...fields } });
    controller.close();
  }

  const response: ScriptedResponse = {
    asked: asked.promise,
    aborted: aborted.promise,
    raw,
    event,
    text(...deltas) {
      for (const delta of deltas) {
        event({ type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta });
      }
      return response;
    },
    cite: (fileId, filename) =>
      event({
        type: 'response.output_text.annotation.added',
        item_id: 'msg_1',
        output_index: 0,
        content_index: 0,
        annotation_index: 0,
        annotation: { type: 'file_citation', file_id: fileId, filename, index: 0 },
      }),
    search: (results) =>
      event({
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'file_search_call', id: 'fs_1', status: 'completed', queries: ['q'], results },
      }),
    call: (callId, name, args) =>
      event({
        type: 'response.output_item.done',
        output_index: 0,
        item: {
          type: 'function_call',
          id: `fc_${callId}`,
          call_id: callId,
          name,
          arguments: JSON.stringify(args),
          status: 'completed',
        },
      }),
    complete: () => end('response.completed', { status: 'completed' }),
    incomplete: (reason) => end('response.incomplete', { status: 'incomplete', incomplete_details: { reason } }),
    fail: (code) => end('response.failed', { status: 'failed', error: { code, message: 'it failed' } }),
    close: () => controller.close(),
  };

  function answer(init: RequestInit | undefined): Response {
    asked.resolve(JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as ResponseCreateParams);
    init?.signal?.addEventListener('abort', () => {
      aborted.resolve();
      // A stream that has been closed can't be made to fail any more.
      try {
        controller.error(init.signal?.reason);
      } catch {}
    });
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  }

  return { response, answer };
}
