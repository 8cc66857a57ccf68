import OpenAI from 'openai';
import type { Config } from '../config.ts';

type Fetch = NonNullable<ConstructorParameters<typeof OpenAI>[0]>['fetch'];

/** The one client of the OpenAI API, and the model that new assistants get. Which server answers, no feature knows. */
export interface Upstream {
  /** Names the server: files and vector stores of one are unknown to another. */
  readonly name: string;
  readonly openai: OpenAI;
  readonly model: string;
  /** The models that this server has; absent: any may be asked for. */
  readonly served?: readonly string[] | undefined;
  /** Absent where the server has no notion of it. */
  readonly reasoningEffort: string | undefined;
}

/**
 * `engineFetch` serves the embedded engine to the SDK; it is needed only when no server is configured. Retries are our own
 * (`retryUpstream`), since the SDK's can't be seen or bounded per call.
 */
export function createUpstream(config: Config['openai'], engineFetch: Fetch | undefined): Upstream {
  // The SDK logs by console; what matters is logged by us.
  const common = { maxRetries: 0, timeout: 30_000, logLevel: 'off' as const };
  if (config.kind === 'server') {
    const openai = new OpenAI({ ...common, apiKey: config.apiKey, baseURL: config.baseUrl });
    return { name: config.baseUrl, openai, model: config.model, reasoningEffort: config.reasoningEffort };
  }
  if (engineFetch === undefined) throw new Error('the embedded engine was not opened');
  const openai = new OpenAI({ ...common, apiKey: 'embedded', baseURL: 'http://engine.local/v1', fetch: engineFetch });
  const { model } = config;
  return { name: 'embedded', openai, model, served: [model], reasoningEffort: undefined };
}
