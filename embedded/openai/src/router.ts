import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-error.ts';

const BASE_PATH = '/v1';
const JSON_BYTES_MAX = 10 * 1024 * 1024;
/** OpenAI's limit for one file, plus room for the other parts of the form. */
const FORM_BYTES_MAX = 512 * 1024 * 1024 + 64 * 1024;

export interface Call {
  /** A named part of the path. */
  param(name: string): string;
  query: Record<string, string>;
  signal: AbortSignal;
  json(): Promise<unknown>;
  form(): Promise<FormData>;
}

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the base path; `:name` takes one segment. */
  path: string;
  answer(call: Call): Promise<object> | object;
}

interface RouterOptions {
  routes: Route[];
  apiKey: string | undefined;
  newId: (prefix: string) => string;
}

/** Answers requests below `/v1`; every failure becomes a body of OpenAI's error form. Never rejects for a bad request. */
export function createRouter({ routes, apiKey, newId }: RouterOptions): (request: Request) => Promise<Response> {
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    authorize(request.headers.get('authorization'), apiKey);
    const { route, params } = findRoute(routes, request.method, url.pathname);
    const reply = await route.answer(toCall(request, url, params));
    return reply instanceof Response ? reply : Response.json(reply);
  };
  return async (request) => {
    const response = await answer(request).catch((error: unknown) => {
      if (request.signal.aborted) throw request.signal.reason;
      return toErrorResponse(error);
    });
    response.headers.set('x-request-id', newId('req_'));
    return response;
  };
}

function toErrorResponse(error: unknown): Response {
  const apiError =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'The engine failed while processing the request.', { type: 'server_error' });
  if (apiError !== error) console.error(error);
  return Response.json(apiError.toBody(), { status: apiError.status });
}

function authorize(header: string | null, apiKey: string | undefined): void {
  if (apiKey === undefined) return;
  if (timingSafeEqual(digest(header ?? ''), digest(`Bearer ${apiKey}`))) return;
  throw new ApiError(401, header ? 'Incorrect API key provided.' : "You didn't provide an API key.", {
    code: 'invalid_api_key',
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function findRoute(routes: Route[], method: string, pathname: string) {
  const path = pathname.startsWith(`${BASE_PATH}/`) ? pathname.slice(BASE_PATH.length) : '';
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, path) : undefined;
    if (params) return { route, params };
  }
  throw new ApiError(404, `Invalid URL (${method} ${pathname})`, { code: 'unknown_url' });
}

function matchPath(pattern: string, path: string): Map<string, string> | undefined {
  const names = pattern.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return undefined;
  const params = new Map<string, string>();
  for (const [at, name] of names.entries()) {
    const part = parts[at] ?? '';
    if (!name.startsWith(':')) {
      if (name !== part) return undefined;
    } else {
      const decoded = decodePart(part);
      if (!decoded) return undefined;
      params.set(name.slice(1), decoded);
    }
  }
  return params;
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function toCall(request: Request, url: URL, params: Map<string, string>): Call {
  return {
    param: (name) => {
      const value = params.get(name);
      if (value === undefined) throw new Error(`the route has no :${name}`);
      return value;
    },
    query: Object.fromEntries(url.searchParams),
    signal: request.signal,
    json: () => readJson(request),
    form: () => readForm(request),
  };
}

async function readJson(request: Request): Promise<unknown> {
  // A page on another site may send only simple content types unasked; so none of them is taken for JSON.
  requireContentType(request, 'application/json');
  const bytes = await readBytes(request, JSON_BYTES_MAX);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, 'We could not parse the JSON body of your request.', { code: 'invalid_json' });
  }
}

async function readForm(request: Request): Promise<FormData> {
  const contentType = requireContentType(request, 'multipart/form-data');
  const bytes = await readBytes(request, FORM_BYTES_MAX);
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new ApiError(400, 'We could not parse the multipart form of your request.', { code: 'invalid_form' });
  }
}

function requireContentType(request: Request, wanted: string): string {
  const contentType = request.headers.get('content-type') ?? '';
  if (contentType.toLowerCase().startsWith(wanted)) return contentType;
  throw new ApiError(400, `Unsupported content type: '${contentType}'. Use '${wanted}'.`, {
    code: 'unsupported_content_type',
  });
}

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) {
      throw new ApiError(413, `The request is larger than ${bytesMax} bytes.`, { code: 'request_too_large' });
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
