import type { Connection } from 'mongoose';
import { hasErrorCode } from '../platform/error-code.ts';

const NAMESPACE_NOT_FOUND = 26;
const INDEX_NOT_FOUND = 27;

/**
 * Brings keys that were made before there was rotation into their form of today, in one conditional update: they had one secret, on
 * the top. Run before the indexes are built; running it twice, or in two processes at once, is harmless.
 */
export async function moveEarlierKeys(connection: Connection): Promise<void> {
  const keys = connection.collection('apiKeys');
  // It would refuse the second document without that field.
  await keys.dropIndex('prefix_1').catch((error: unknown) => {
    if (!hasErrorCode(error, INDEX_NOT_FOUND) && !hasErrorCode(error, NAMESPACE_NOT_FOUND)) throw error;
  });
  await keys.updateMany({ prefix: { $exists: true } }, [
    { $set: { secrets: [{ prefix: '$prefix', hash: '$hash' }], refusedHosts: [], refusalsRev: 0, rev: 1 } },
    { $unset: ['prefix', 'hash'] },
  ]);
}
