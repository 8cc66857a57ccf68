import type { z } from 'zod';
import { AppError } from '../platform/errors.ts';
import type { Caller, RouteBuilder } from '../platform/route.ts';
import type { Account } from './account.model.ts';
import { AccountPatch, AccountView } from './account.schema.ts';
import type { AccountService } from './account.service.ts';

export function accountRoutes(route: RouteBuilder, accounts: AccountService): void {
  route(
    {
      method: 'get',
      path: '/v1/account',
      summary: 'The business of this key',
      access: { by: 'business', scope: 'account:read' },
      answers: { 200: AccountView },
    },
    async ({ accountId }) => answerWith(await accounts.get(accountId)),
  );

  route(
    {
      method: 'patch',
      path: '/v1/account',
      summary: 'Change name, description, contact or persona',
      access: { by: 'business', scope: 'account:write' },
      body: AccountPatch,
      answers: { 200: AccountView },
    },
    async ({ accountId, caller, body, ifMatch }) => {
      // It erases what is older: neither a stolen key nor a manager shall do that.
      if (body.retentionDays !== undefined && !isOwner(caller)) {
        throw new AppError('not-permitted', 'retentionDays: an owner alone changes how long conversations are kept');
      }
      return answerWith(await accounts.update(accountId, body, ifMatch));
    },
  );
}

function isOwner(caller: Caller): boolean {
  return 'role' in caller && caller.role === 'owner';
}

function answerWith(account: Account) {
  return { status: 200, body: viewOf(account), rev: account.rev };
}

function viewOf(account: Account): z.infer<typeof AccountView> {
  return {
    id: account._id,
    slug: account.slug,
    name: account.name,
    description: account.description,
    contact: account.contact,
    persona: account.persona,
    limits: account.limits,
    retentionDays: account.retentionDays,
    plan: account.plan,
    status: account.status,
    billing: account.billing,
    context: {
      version: account.contextVersion,
      upToDate: account.syncedSeq === account.changeSeq,
      changedAt: account.changedAt.toISOString(),
    },
  };
}
