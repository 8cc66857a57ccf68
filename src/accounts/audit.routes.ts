import { z } from 'zod';
import type { AuditEntry, AuditLog } from '../platform/audit-log.ts';
import type { RouteBuilder } from '../platform/route.ts';

const AuditEntryView = z
  .strictObject({
    id: z.string(),
    at: z.iso.datetime(),
    actorId: z.string(),
    actorKind: z.enum(['key', 'user', 'cli', 'operator']),
    action: z.string(),
    target: z.record(z.string(), z.string()).describe('The path parameters'),
    fields: z.array(z.string()).describe('Names of the fields that were sent, never what they held'),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

const AuditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^aud_[0-9a-z]{26}$/, 'is not a cursor of this list')
    .optional(),
});

export function auditRoutes(route: RouteBuilder, auditLog: AuditLog): void {
  route(
    {
      method: 'get',
      path: '/v1/account/audit',
      summary: 'Who changed what in the last 90 days, newest first',
      access: { by: 'member', scope: 'audit:read' },
      query: AuditQuery,
      answers: { 200: z.strictObject({ data: z.array(AuditEntryView), nextCursor: z.string().nullable() }) },
    },
    async ({ accountId, query: { limit, cursor } }) => {
      const entries = await auditLog.list(accountId, { limit, before: cursor });
      const nextCursor = entries.length === limit ? (entries.at(-1)?._id ?? null) : null;
      return { status: 200, body: { data: entries.map(viewOf), nextCursor } };
    },
  );
}

function viewOf(entry: AuditEntry): z.infer<typeof AuditEntryView> {
  const { _id: id, at, actorId, actorKind, action, target, fields, address, requestId } = entry;
  return { id, at: at.toISOString(), actorId, actorKind, action, target, fields, address, requestId };
}
