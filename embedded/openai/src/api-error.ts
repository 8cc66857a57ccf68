import { type ZodType, z } from 'zod';

interface ApiErrorDetail {
  param?: string | null;
  code?: string | null;
  type?: string;
}

/** An error the caller sees, in the form OpenAI documents: `{ error: { message, type, param, code } }`. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, detail: ApiErrorDetail = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = detail.type ?? 'invalid_request_error';
    this.param = detail.param ?? null;
    this.code = detail.code ?? null;
  }

  toBody() {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

export function notFound(kind: string, id: string): ApiError {
  return new ApiError(404, `No ${kind} found with id '${id}'.`);
}

/**
 * Checks a body or a query against its schema.
 * @throws ApiError 400 that names the first wrong parameter (`tools[0].name`).
 */
export function parseInput<S extends ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue ? toApiError(deepest(issue, [])) : new ApiError(400, 'Invalid request.');
}

interface LocatedIssue {
  issue: z.core.$ZodIssue;
  path: PropertyKey[];
}

/** Of a union's branches the one that got furthest tells best what is wrong. */
function deepest(issue: z.core.$ZodIssue, prefix: PropertyKey[]): LocatedIssue {
  const path = [...prefix, ...issue.path];
  if (issue.code !== 'invalid_union') return { issue, path };
  let best: LocatedIssue = { issue, path };
  for (const [first] of issue.errors) {
    if (!first) continue;
    const candidate = deepest(first, path);
    if (rank(candidate) > rank(best)) best = candidate;
  }
  return best;
}

function rank({ issue, path }: LocatedIssue): number {
  const isUnknownKey = issue.code === 'unrecognized_keys';
  return path.length * 2 + (isUnknownKey ? 1 : 0);
}

function toApiError({ issue, path }: LocatedIssue): ApiError {
  if (issue.code === 'unrecognized_keys') {
    const param = formatPath([...path, issue.keys[0] ?? '']);
    return new ApiError(400, `Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' });
  }
  const param = formatPath(path) || null;
  if (issue.code === 'invalid_type' && issue.input === undefined && param) {
    return new ApiError(400, `Missing required parameter: '${param}'.`, { param, code: 'missing_required_parameter' });
  }
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value';
  return new ApiError(400, `Invalid value for '${param ?? 'body'}': ${issue.message}.`, { param, code });
}

function formatPath(path: PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text ? `${text}.${String(key)}` : String(key);
  }, '');
}
