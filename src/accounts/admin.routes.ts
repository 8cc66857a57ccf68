import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { Account } from './account.model.ts';
import { AccountAdministration, Billing } from './account.schema.ts';
import type { AccountService } from './account.service.ts';

const AdminAccountView = z
  .strictObject({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    status: z.enum(['active', 'suspended', 'deleting']),
    plan: z.string(),
    billing: Billing,
    createdAt: z.iso.datetime(),
    upToDate: z.boolean().describe('Whether the assistant has what the owner last changed'),
  })
  .meta({ id: 'AdminAccount' });

const AdminQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^acc_[0-9a-z]{26}$/, 'is not a cursor of this list')
    .optional(),
  search: z.string().min(1).max(120).optional().describe('How slug or name begins, in that case'),
});

const AdminParams = z.strictObject({ id: z.string().max(100) });

/** What whoever runs the service sees and decides of each business. */
export function adminRoutes(route: RouteBuilder, accounts: AccountService): void {
  route(
    {
      method: 'get',
      path: '/v1/admin/accounts',
      summary: 'All businesses, in the order they were made',
      access: { by: 'operator' },
      query: AdminQuery,
      answers: { 200: z.strictObject({ data: z.array(AdminAccountView), nextCursor: z.string().nullable() }) },
    },
    async ({ query: { limit, cursor, search } }) => {
      const page = await accounts.list({ after: cursor, limit, prefix: search });
      const nextCursor = page.length === limit ? (page.at(-1)?._id ?? null) : null;
      return { status: 200, body: { data: page.map(viewOf), nextCursor } };
    },
  );

  route(
    {
      method: 'patch',
      path: '/v1/admin/accounts/:id',
      summary: 'Suspend or resume a business, set its plan, billing state or limits',
      access: { by: 'operator' },
      params: AdminParams,
      body: AccountAdministration,
      answers: { 200: AdminAccountView },
    },
    async ({ params, body }) => ({ status: 200, body: viewOf(await accounts.administer(params.id, body)) }),
  );

  route(
    {
      method: 'post',
      path: '/v1/admin/accounts/:id/sync',
      summary: "Sync a business's assistant soon",
      access: { by: 'operator' },
      params: AdminParams,
      answers: { 202: null },
    },
    async ({ params }) => {
      await accounts.get(params.id);
      await accounts.makeSyncDue(params.id);
      return { status: 202 };
    },
  );
}

function viewOf(account: Account): z.infer<typeof AdminAccountView> {
  const { _id: id, slug, name, status, plan, billing, createdAt, syncedSeq, changeSeq } = account;
  return {
    id,
    slug,
    name,
    status,
    plan,
    billing,
    createdAt: createdAt.toISOString(),
    upToDate: syncedSeq === changeSeq,
  };
}
