import { openEngine } from '@chatbusiness/embedded-openai';
import { createUpstream, type Upstream } from '../platform/openai-client.ts';

/** The embedded engine behind a wire that a test listens to and cuts. */
export interface CountingUpstream extends AsyncDisposable {
  readonly upstream: Upstream;
  /** Each call so far, such as `POST /files`, ids left out. */
  readonly calls: string[];
  /**
   * The sync that runs under the signal ends at its call of that number (0 is the next): before it is made, or with its
   * answer lost.
   */
  endAt(call: number, when: 'before' | 'after'): AbortSignal;
}

export function createCountingUpstream(): CountingUpstream {
  const engine = openEngine({ path: ':memory:' });
  const calls: string[] = [];
  let end: { at: number; when: 'before' | 'after'; controller: AbortController } | undefined;
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const ending = end !== undefined && calls.length === end.at ? end : undefined;
    calls.push(
      `${init?.method ?? 'GET'} ${url.pathname.replace('/v1', '').replaceAll(/\/(?:file-|vs_|vsfb_)[\w-]+/g, '/*')}`,
    );
    if (ending?.when === 'before') ending.controller.abort(new Error('the process died'));
    init?.signal?.throwIfAborted();
    const response = await engine.fetch(input, init);
    ending?.controller.abort(new Error('the process died'));
    init?.signal?.throwIfAborted();
    return response;
  };
  return {
    upstream: createUpstream({ kind: 'embedded', path: ':memory:', model: 'embedded-extractive' }, fetch),
    calls,
    endAt(call, when) {
      const controller = new AbortController();
      end = { at: calls.length + call, when, controller };
      return controller.signal;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
