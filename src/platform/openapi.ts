import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { Problem } from './problem-json.ts';
import type { RouteSpec } from './route.ts';

/** The OpenAPI 3.1 document of the declared routes. */
export function describeApi(specs: readonly RouteSpec[], version: string): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const spec of specs) {
    const path = spec.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [spec.method]: operationOf(spec) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'ChatBusiness', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      securitySchemes: {
        publishableKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-API-Key',
          description: '`cb_pk_…`, from its hosts only',
        },
        secretKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: '`cb_sk_…`' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'cb_session',
          description:
            'Of `POST /v1/auth/login`; `X-Account` names the business if there are several. What changes something needs an `Origin` of this server',
        },
        threadToken: { type: 'apiKey', in: 'header', name: 'X-Thread-Token' },
      },
    },
  });
}

function operationOf(spec: RouteSpec): ZodOpenApiOperationObject {
  const headers = {
    ...(spec.idempotent || spec.idempotencyKey ? { 'Idempotency-Key': z.string().min(1).max(200).optional() } : {}),
    ...(['put', 'patch', 'delete'].includes(spec.method) ? { 'If-Match': z.string().optional() } : {}),
  };
  return {
    summary: spec.summary,
    security: securityOf(spec),
    requestParams: {
      ...(spec.params ? { path: spec.params } : {}),
      ...(spec.query ? { query: spec.query } : {}),
      ...(Object.keys(headers).length > 0 ? { header: z.object(headers) } : {}),
    },
    ...(spec.body
      ? {
          requestBody: {
            required: !spec.body.safeParse({}).success,
            content: { 'application/json': { schema: spec.body } },
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(Object.entries(spec.answers).map(([status, answer]) => [status, responseOf(answer)])),
      default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': { schema: Problem } } },
    },
  };
}

function securityOf({ access, threadToken }: RouteSpec): Record<string, string[]>[] {
  const token = threadToken ? { threadToken: [] } : {};
  switch (access.by) {
    case 'anyone':
      return [];
    case 'visitor':
      return [
        { publishableKey: [], ...token },
        { secretKey: ['chat'], ...token },
      ];
    case 'business':
      return [{ secretKey: [access.scope] }, { session: [access.scope] }];
    case 'member':
      return [{ session: [access.scope] }];
    case 'person':
      return [{ session: [] }];
    case 'operator':
      return [{ session: ['operator'] }];
  }
}

const streamContent = { 'text/event-stream': { schema: z.string() } };

function responseOf(answer: RouteSpec['answers'][number]) {
  if (answer === null || answer === undefined) return { description: 'Done' };
  if (answer === 'stream') return { description: 'The UI message stream', content: streamContent };
  if (answer === 'zip') return { description: 'A ZIP file', content: { 'application/zip': { schema: z.string() } } };
  if (answer instanceof z.ZodType) return { description: 'Done', content: { 'application/json': { schema: answer } } };
  const content = { ...streamContent, 'application/json': { schema: answer[1] } };
  return { description: 'The UI message stream, or the whole answer where only JSON is accepted', content };
}
