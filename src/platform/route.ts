import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import { AppError } from './errors.ts';
import { invalidInput } from './problem-json.ts';

/**
 * What a route asks of its caller: `visitor` is a browser with a publishable key of its page's host, or the business's own server
 * with a secret key of scope `chat`; `business` a program with a secret key of that scope, or a member whose role has it; `member`
 * such a member alone, by session; `person` anybody who is logged in, `operator` one who runs the service. `isRight`: people may do
 * it also where the business is suspended or has not paid, such as having erased what is known of them, or ending a key.
 */
export type Access =
  | { readonly by: 'anyone' }
  | { readonly by: 'visitor'; readonly isRight?: true }
  | { readonly by: 'business'; readonly scope: string; readonly isRight?: true }
  | { readonly by: 'member'; readonly scope: string; readonly isRight?: true }
  | { readonly by: 'person' }
  | { readonly by: 'operator' };

/** A caller in the name of a business. `actorId` is who it is: a key or a user. */
export interface Caller {
  readonly accountId: string;
  readonly actorId: string;
}

/** A visitor's caller: the key by which a thread is begun and gone on with. */
export interface VisitorCaller extends Caller {
  readonly keyId: string;
  /** Secret keys of scope `chat` may say which of the business's visitors it is. */
  readonly kind: 'publishable' | 'secret';
}

/** Somebody who is logged in. */
export interface Person {
  readonly userId: string;
  readonly sessionId: string;
  readonly actorId: string;
}

export interface MemberCaller extends Caller, Person {
  readonly role: string;
}

type CallerBy = {
  anyone: undefined;
  visitor: VisitorCaller;
  business: Caller;
  member: MemberCaller;
  person: Person;
  operator: Person;
};
type CallerOf<By extends Access['by']> = CallerBy[By];

export type AnyCaller = VisitorCaller | Caller | MemberCaller | Person;

/** Finds out who calls. @throws AppError 401 or 403. */
export type Authenticate = (
  req: Request,
  res: Response,
  access: Exclude<Access, { by: 'anyone' }>,
) => Promise<AnyCaller>;

/** One route as data: what validates, types, documents and tests it. */
export interface RouteSpec {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express path with `:names` that `params` describes. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Largest body in bytes; 100 kB unless said. */
  readonly bodyBytesMax?: number;
  /** Honours `Idempotency-Key`: for POSTs that create or send and whose answer holds no secret. */
  readonly idempotent?: boolean;
  /** A thread token (`X-Thread-Token`) is needed as well. */
  readonly threadToken?: boolean;
  /** The handler honours `Idempotency-Key` by itself: the same key is the same turn. */
  readonly idempotencyKey?: 'turn';
  /** By status; `'stream'` is the UI message stream, with a schema for those who take only JSON; `'zip'` a file; `null` an empty body. */
  readonly answers: Readonly<Record<number, z.ZodType | 'stream' | 'zip' | readonly ['stream', z.ZodType] | null>>;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Input<Spec extends RouteSpec> {
  readonly req: Request;
  readonly res: Response;
  readonly accountId: CallerOf<Spec['access']['by']> extends Caller ? string : undefined;
  readonly caller: CallerOf<Spec['access']['by']>;
  readonly params: Parsed<Spec['params']>;
  readonly query: Parsed<Spec['query']>;
  readonly body: Parsed<Spec['body']>;
  /** The revision in `If-Match`, if one was sent. */
  readonly ifMatch: number | undefined;
  /**
   * Rejects when the caller is over a rate limit. It is awaited before the handler is called, but for turns: they wait for it together
   * with their own first look at the database.
   */
  readonly admitted: Promise<void>;
}

/** What a handler answers; nothing if it wrote to `res` itself (a stream). `rev` becomes the ETag. */
export type Answer =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly rev?: number;
      /** On routes for anyone: who it turned out to be. */
      readonly author?: Author;
    }
  | undefined;

/** Somebody who wasn't logged in, and has changed something of a business. */
export type Author = Caller & Pick<Person, 'userId'>;

/** Runs a POST once for its `Idempotency-Key`; a repetition gets the first answer. */
export type RunOnce = (caller: Caller, req: Request, run: () => Promise<Answer> | Answer) => Promise<Answer>;

/** What surrounds each handler. */
export interface RouteHooks {
  readonly authenticate: Authenticate;
  /** Counts the request against its rate limits and says so in its headers. @throws AppError `too-many-requests`. */
  readonly admit: (caller: AnyCaller, req: Request, res: Response) => Promise<void>;
  readonly runOnce: RunOnce;
  /** Keeps who changed what, once it is done. Never throws. */
  readonly recordChange: (author: AnyCaller | Author, spec: RouteSpec, req: Request) => Promise<void>;
}

export type RouteBuilder = <const Spec extends RouteSpec>(
  spec: Spec,
  run: (input: Input<Spec>) => Promise<Answer> | Answer,
) => void;

/**
 * Makes the function by which features declare their routes. Each entry of `specs` validates input, types the handler
 * and becomes part of `GET /openapi.json`.
 */
export function createRouteBuilder(
  router: Router,
  hooks: RouteHooks,
): {
  route: RouteBuilder;
  specs: readonly RouteSpec[];
} {
  const specs: RouteSpec[] = [];
  const route: RouteBuilder = (spec, run) => {
    specs.push(spec);
    const answer: RequestHandler = async (req, res) => {
      const { access } = spec;
      const caller = access.by === 'anyone' ? undefined : await hooks.authenticate(req, res, access);
      const admitted = caller === undefined ? Promise.resolve() : hooks.admit(caller, req, res);
      // Awaited below, or by the turn; until then a refusal must not count as nobody's.
      admitted.catch(() => undefined);
      await parseBody(spec, req, res);
      const input = {
        req,
        res,
        accountId: caller !== undefined && 'accountId' in caller ? caller.accountId : undefined,
        caller,
        params: parse(spec.params, req.params, 'params'),
        query: parse(spec.query, req.query, 'query'),
        body: parse(spec.body ?? (spec.method === 'post' ? NoBody : undefined), req.body === undefined ? {} : req.body),
        ifMatch: revisionOf(req),
        admitted,
      } as Input<typeof spec>;
      if (spec.idempotencyKey !== 'turn') await admitted;
      const result =
        spec.idempotent && caller !== undefined && 'accountId' in caller
          ? await hooks.runOnce(caller, req, () => run(input))
          : await run(input);
      const author = caller ?? result?.author;
      if (author !== undefined && isChange(spec)) await hooks.recordChange(author, spec, req);
      if (result !== undefined) send(res, result);
    };
    router[spec.method](spec.path, answer);
  };
  return { route, specs };
}

/** What visitors say is kept as their conversation. */
function isChange({ method, access }: RouteSpec): boolean {
  return method !== 'get' && access.by !== 'visitor';
}

/** A POST that takes nothing may be sent with an empty object. */
const NoBody = z.strictObject({});

const parsers = new Map<number, RequestHandler>();

/** Bodies are read after the caller is known, so that a stranger can't make us read a large one. */
async function parseBody(spec: RouteSpec, req: Request, res: Response): Promise<void> {
  if (spec.body === undefined && spec.method !== 'post') return;
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !req.is('json')) {
    throw new AppError('unsupported-media-type', 'Send the body as application/json');
  }
  const limit = spec.bodyBytesMax ?? 100_000;
  const parser = parsers.get(limit) ?? express.json({ limit, strict: false });
  parsers.set(limit, parser);
  await new Promise<void>((resolve, reject) => {
    void parser(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
  });
}

function parse(schema: z.ZodType | undefined, value: unknown, under?: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error, under);
  return parsed.data;
}

/** @throws AppError when `If-Match` isn't an ETag that we gave. */
function revisionOf(req: Request): number | undefined {
  const header = req.get('If-Match');
  if (header === undefined || header === '*') return undefined;
  const match = /^"(\d{1,15})"$/.exec(header);
  if (!match) throw new AppError('stale', `If-Match: ${header.slice(0, 40)} is not an ETag of this resource`);
  return Number(match[1]);
}

function send(res: Response, answer: NonNullable<Answer>): void {
  res.status(answer.status);
  if (answer.rev !== undefined) res.set('ETag', `"${answer.rev}"`);
  if (answer.body === undefined) res.end();
  else res.json(answer.body);
}
