import type { ErrorRequestHandler, Request, Response } from 'express';
import { APIError } from 'openai';
import { z } from 'zod';
import { AppError, type FieldError, problems } from './errors.ts';
import type { Logger } from './logger.ts';
import { sayIssue } from './wording.ts';

z.config({ customError: sayIssue });

/** The body of an error, RFC 9457. `instance` is the request id. */
export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

/** Turns whatever a request threw into problem+json: the one place where that is done. */
export function answerProblem(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const known = toAppError(error);
    const fields = { event: 'request.failed', requestId: req.id, method: req.method, code: known.code };
    if (known.status >= 500) log.error({ ...fields, err: error }, 'request failed');
    else log.info({ ...fields, detail: known.detail }, 'request refused');
    if (res.headersSent) {
      // A body has begun: cutting the connection is the only way left to say that it isn't whole.
      next(error);
      return;
    }
    writeProblem(req, res, known);
  };
}

function writeProblem(req: Request, res: Response, error: AppError): void {
  if (error.retryAfterS !== undefined) res.set('Retry-After', String(error.retryAfterS));
  if (error.status === 401) res.set('WWW-Authenticate', 'ApiKey realm="ChatBusiness"');
  const body: z.infer<typeof Problem> = {
    type: `urn:chatbusiness:problem:${error.code}`,
    title: problems[error.code][1],
    status: error.status,
    detail: error.detail,
    instance: req.id,
    ...(error.fields.length > 0 ? { errors: [...error.fields] } : {}),
  };
  res.status(error.status).type('application/problem+json').send(JSON.stringify(body));
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof z.ZodError) return invalidInput(error);
  if (error instanceof APIError || hasName(error, 'TimeoutError')) {
    const detail = 'A service that this rests on does not answer; try again later';
    return new AppError('unavailable', detail, { cause: error, retryAfterS: 30 });
  }
  return (
    fromExpress(error) ?? new AppError('internal', 'The failure was logged under this request id', { cause: error })
  );
}

/** A 400 that names each field which zod refused. `under` is put before the paths (`query`, `params`). */
export function invalidInput(error: z.ZodError, under?: string): AppError {
  const fields = error.issues.flatMap((issue) => fieldErrors(issue, under)).slice(0, 50);
  const named = fields.map((field) => `${field.path}: ${field.message}`).slice(0, 3);
  return new AppError('invalid-input', named.join('; '), { fields });
}

function fieldErrors(issue: z.core.$ZodIssue, under: string | undefined): FieldError[] {
  const path = [...(under === undefined ? [] : [under]), ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: joinPath([...path, key]), message: 'is not a field of this request' }));
  }
  return [{ path: joinPath(path), message: issue.message }];
}

function joinPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((part, place) => (typeof part === 'number' ? `[${part}]` : `${place > 0 ? '.' : ''}${String(part)}`))
    .join('')
    .slice(0, 200);
  return text === '' ? 'body' : text;
}

/** body-parser, express and send mark their errors by `status`, body-parser also by `type`. */
function fromExpress(error: unknown): AppError | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error) || typeof error.status !== 'number') {
    return undefined;
  }
  const { status } = error;
  const type = 'type' in error ? error.type : undefined;
  const cause = { cause: error };
  if (type === 'entity.too.large') {
    const message = `must have at most ${'limit' in error ? String(error.limit) : 'fewer'} bytes`;
    return new AppError('too-large', `body: ${message}`, { ...cause, fields: [{ path: 'body', message }] });
  }
  if (type === 'entity.parse.failed') {
    const message = 'could not be parsed as JSON';
    return new AppError('malformed-json', `body: ${message}`, { ...cause, fields: [{ path: 'body', message }] });
  }
  if (status === 403 || status === 404) return new AppError('not-found', 'There is no such file', cause);
  if (status === 412) return new AppError('stale', 'If-Match: it is not this revision', cause);
  if (status === 415)
    return new AppError('unsupported-media-type', 'Send JSON in UTF-8, not compressed in an unknown way', cause);
  if (status >= 400 && status < 500) return new AppError('invalid-input', 'The request could not be read', cause);
  return undefined;
}

function hasName(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}
