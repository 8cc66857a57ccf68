import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AuditLog } from '../platform/audit-log.ts';
import type { Clock } from '../platform/clock.ts';
import type { DataOwners } from '../platform/data-owners.ts';
import { hasErrorCode } from '../platform/error-code.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AccountService } from './account.service.ts';
import { exportAccount } from './export.ts';

export function exportRoutes(
  route: RouteBuilder,
  deps: { accounts: AccountService; owners: DataOwners; auditLog: AuditLog; clock: Clock },
): void {
  route(
    {
      method: 'get',
      path: '/v1/account/export',
      summary:
        'Everything that is kept of the business, as JSON lines and texts; `export.json` in it says that it is whole',
      access: { by: 'member', scope: 'account:export' },
      answers: { 200: 'zip' },
    },
    async ({ req, res, accountId, caller }) => {
      const { slug } = await deps.accounts.get(accountId);
      // It changes nothing, but an owner wants to know who took everything along.
      await deps.auditLog.record({
        accountId,
        actorId: caller.actorId,
        actorKind: 'user',
        action: 'GET /v1/account/export',
        target: {},
        fields: [],
        address: req.ip ?? null,
        requestId: req.id,
      });
      const at = deps.clock.now();
      const name = `${slug}-${at.toISOString().slice(0, 10)}.zip`;
      res.writeHead(200, {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="${name}"`,
      });
      try {
        // A failure destroys the connection: half a file must not look like a whole one.
        await pipeline(Readable.from(exportAccount(deps.owners, { accountId, at }), { objectMode: true }), res);
      } catch (error) {
        if (!hasErrorCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error; // the caller left
      }
      return undefined;
    },
  );
}
