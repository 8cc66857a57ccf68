import { z } from 'zod';
import { addressOf } from '../platform/caller-address.ts';
import { AppError } from '../platform/errors.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AccountService } from './account.service.ts';
import type { Erasures } from './erasure.ts';

const AccountDeletion = z
  .strictObject({
    confirm: z.string().max(100).describe('The slug of the business, so that nobody does it by mistake'),
    password: z.string().min(1).max(1000).describe('Yours: a session that was stolen must not end a business'),
  })
  .meta({ id: 'AccountDeletion' });

export function erasureRoutes(
  route: RouteBuilder,
  deps: {
    accounts: AccountService;
    erasures: Erasures;
    /** @throws AppError `wrong-credentials`, `too-many-requests`. */
    requirePassword(userId: string, password: string, address: string): Promise<void>;
  },
): void {
  route(
    {
      method: 'delete',
      path: '/v1/account',
      summary: 'Delete the business and all that is kept of it; a report is mailed when it is done',
      access: { by: 'member', scope: 'account:delete', isRight: true },
      body: AccountDeletion,
      answers: { 202: z.strictObject({ erasureId: z.string() }).meta({ id: 'Erasure' }) },
    },
    async ({ req, accountId, caller, body }) => {
      const account = await deps.accounts.get(accountId);
      if (body.confirm !== account.slug) {
        const message = `must be ${account.slug}, the slug of this business`;
        throw new AppError('invalid-input', `confirm: ${message}`, { fields: [{ path: 'confirm', message }] });
      }
      await deps.requirePassword(caller.userId, body.password, addressOf(req));
      const { _id: erasureId } = await deps.erasures.request(account, caller);
      return { status: 202, body: { erasureId } };
    },
  );
}
