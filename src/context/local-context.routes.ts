import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { LocalContext } from './local-context.model.ts';
import { type LocalContextService, NoteInput } from './local-context.service.ts';

const LocalContextView = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['note']),
    text: z.string(),
    startsAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'LocalContext' });

const read = { by: 'business', scope: 'context:read' } as const;
const write = { by: 'business', scope: 'context:write' } as const;

export function localContextRoutes(route: RouteBuilder, localContext: LocalContextService): void {
  route(
    {
      method: 'get',
      path: '/v1/local-context',
      summary: 'What is true for a while, until when',
      access: read,
      answers: { 200: z.strictObject({ data: z.array(LocalContextView) }) },
    },
    async ({ accountId }) => ({
      status: 200,
      body: { data: (await localContext.list(accountId)).map(viewOf) },
    }),
  );

  route(
    {
      method: 'post',
      path: '/v1/local-context',
      summary: "The owner's dated note",
      access: write,
      body: NoteInput,
      idempotent: true,
      answers: { 201: LocalContextView },
    },
    async ({ accountId, body }) => ({ status: 201, body: viewOf(await localContext.addNote(accountId, body)) }),
  );

  route(
    {
      method: 'delete',
      path: '/v1/local-context/:id',
      summary: 'Take a note back',
      access: write,
      params: z.object({ id: z.string().max(100) }),
      answers: { 204: null },
    },
    async ({ accountId, params }) => {
      await localContext.remove(accountId, params.id);
      return { status: 204 };
    },
  );
}

function viewOf({ _id: id, kind, text, startsAt, expiresAt }: LocalContext): z.infer<typeof LocalContextView> {
  return { id, kind, text, startsAt: startsAt.toISOString(), expiresAt: expiresAt.toISOString() };
}
