import type { Schema } from 'mongoose';

/** A query on tenant data that names no account. It is a mistake of ours, never of a caller: answered as a 500. */
export class TenantGuardError extends Error {
  override readonly name = 'TenantGuardError';
}

const QUERIES = [
  'countDocuments',
  'deleteMany',
  'deleteOne',
  'distinct',
  'find',
  'findOne',
  'findOneAndDelete',
  'findOneAndReplace',
  'findOneAndUpdate',
  'replaceOne',
  'updateMany',
  'updateOne',
] as const;

/**
 * Mongoose plugin: refuses each query on a tenant-owned schema whose filter does not pin `accountId` to one id, unless it says
 * `acrossAccounts: true` among its options. What cannot be filtered (`estimatedDocumentCount`, joins) is refused altogether.
 */
export function tenantGuard(schema: Schema): void {
  // Adds accountId to what a document does to itself (`doc.deleteOne()` filters by _id alone otherwise).
  schema.set('shardKey', { accountId: 1 });

  for (const operation of QUERIES) {
    schema.pre(operation, { document: false, query: true }, function () {
      if (this.getOptions()['acrossAccounts'] === true) return;
      requireAccount(this.getFilter(), `${this.model.modelName}.${operation}`);
    });
  }
  schema.pre('estimatedDocumentCount', function () {
    throw new TenantGuardError('estimatedDocumentCount counts all accounts; use countDocuments');
  });
  schema.pre('aggregate', function () {
    const stages = this.pipeline();
    const joined = JSON.stringify(stages).match(/"\$(?:lookup|unionWith|graphLookup|out|merge)"/);
    if (joined) throw new TenantGuardError(`aggregate: ${joined[0]} escapes the tenant guard`);
    if ((this.options as Record<string, unknown>)['acrossAccounts'] === true) return;
    const first = stages[0];
    requireAccount(first !== undefined && '$match' in first ? first.$match : {}, 'aggregate');
  });
  schema.pre('insertMany', async function (documents: unknown) {
    for (const document of Array.isArray(documents) ? documents : [documents]) requireAccount(document, 'insertMany');
  });
  schema.pre('bulkWrite', async function (operations: unknown) {
    for (const operation of operations as Record<string, Record<string, unknown>>[]) {
      for (const [kind, body] of Object.entries(operation)) {
        requireAccount(kind === 'insertOne' ? body['document'] : body['filter'], `bulkWrite ${kind}`);
      }
    }
  });
}

function requireAccount(filter: unknown, operation: string): void {
  // A real id is asked for: `{ $exists: true }` or an array would pass a mere check for presence.
  const accountId =
    typeof filter === 'object' && filter !== null ? (filter as { accountId?: unknown }).accountId : undefined;
  if (typeof accountId !== 'string' || !accountId.startsWith('acc_')) {
    throw new TenantGuardError(`${operation} names no account`);
  }
}
