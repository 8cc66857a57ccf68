import type { Connection } from 'mongoose';
import { createAuditModel } from '../platform/audit-log.ts';
import { type DataOwner, eraseDocuments, exportDocuments } from '../platform/data-owners.ts';
import { createIdempotencyModel } from '../platform/idempotency.ts';
import { createAccountModel } from './account.model.ts';
import { createLocationModel } from './location.model.ts';
import { createUsageModel } from './usage.model.ts';

/** The business itself, its places, its counters, and who changed it. It goes last: by it the rest is found. */
export function createAccountData({ connection }: { connection: Connection }): DataOwner {
  const accounts = createAccountModel(connection);
  const locations = createLocationModel(connection);
  const usage = createUsageModel(connection);
  const audit = createAuditModel(connection);
  const idempotency = createIdempotencyModel(connection);
  return {
    name: 'accounts',

    async *exportAccount(accountId) {
      const account = await accounts.findById(accountId).lean();
      yield { path: 'account.json', text: `${JSON.stringify(account, null, 2)}\n` };
      yield exportDocuments('locations.jsonl', locations, accountId);
      yield exportDocuments('usage.jsonl', usage, accountId);
      yield exportDocuments('audit-log.jsonl', audit, accountId);
    },

    async eraseAccount(accountId, signal) {
      const filter = { accountId };
      return {
        repeatedRequests: await eraseDocuments(idempotency, filter, signal),
        auditEntries: await eraseDocuments(audit, filter, signal),
        usageMonths: await eraseDocuments(usage, filter, signal),
        locations: await eraseDocuments(locations, filter, signal),
        accounts: (await accounts.deleteOne({ _id: accountId })).deletedCount,
      };
    },
  };
}
