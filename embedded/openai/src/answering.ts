import type { ResponseEventBody } from './response-events.ts';
import type { ResponseError, ResponseState, Usage } from './response-object.ts';
import type { ResponseRequest } from './response-request.ts';
import type { Passage } from './search.ts';

/** A response that is under way. */
export interface TurnRun {
  request: ResponseRequest;
  /** Its output fills with the items that are done. */
  state: ResponseState;
  newId: (prefix: string) => string;
  /** Aborts when nobody reads any more. */
  signal: AbortSignal;
}

/** How a response ended; without a `usage` it is estimated. */
export type Ending =
  | { status: 'completed'; usage?: Usage | undefined }
  | { status: 'incomplete'; incompleteReason: 'max_output_tokens' | 'content_filter'; usage?: Usage | undefined }
  | { status: 'failed'; error: ResponseError };

/** Who answers a request, by rules or by a model: it says what to look for, and makes the output from what was found. */
export interface Answering {
  /** What to look for in the files; without any, nothing is searched. */
  queries: string[];
  /** Looks for it; what it gives is listed as the search's results. */
  search(find: (query: string) => Passage[]): Passage[][];
  respond(run: TurnRun, found: Passage[][]): AsyncGenerator<ResponseEventBody, Ending>;
}
