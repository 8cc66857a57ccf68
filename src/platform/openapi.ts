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
    ...(spec.body ? { requestBody: { required: true, content: { 'application/json': { schema: spec.body } } } } : {}),
    responses: {
      ...Object.fromEntries(Object.entries(spec.answers).map(([status, answer]) => [status, responseOf(answer)])),
      default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': { schema: Problem } } },
    },
  };
}

function securityOf({ access, threadToken }: RouteSpec): Record<string, string[]>[] {
  if (access.by === 'anyone') return [];
  if (access.by === 'secret') return [{ secretKey: [access.scope] }];
  return [{ publishableKey: [], ...(threadToken ? { threadToken: [] } : {}) }];
}

const streamContent = { 'text/event-stream': { schema: z.string() } };

function responseOf(answer: RouteSpec['answers'][number]) {
  if (answer === null || answer === undefined) return { description: 'Done' };
  if (answer === 'stream') return { description: 'The UI message stream', content: streamContent };
  if (answer instanceof z.ZodType) return { description: 'Done', content: { 'application/json': { schema: answer } } };
  const content = { ...streamContent, 'application/json': { schema: answer[1] } };
  return { description: 'The UI message stream, or the whole answer where only JSON is accepted', content };
}
