import type { Connection } from 'mongoose';
import type { Clock } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import type { ContextFile } from './context-file.model.ts';
import { type ContextVersion, createContextVersionModel } from './context-version.model.ts';
import { SyncSupersededError } from './manifest.ts';

const VERSIONS_KEPT = 30;

/**
 * Writes a version if what is live differs from the newest one; answers the number that holds now.
 * @throws SyncSupersededError when another sync wrote that number.
 */
export async function recordVersion(
  connection: Connection,
  clock: Clock,
  accountId: string,
  entries: readonly ContextFile[],
): Promise<number> {
  const versions = createContextVersionModel(connection);
  const newest = await versions.findOne({ accountId }).sort({ number: -1 }).lean<ContextVersion>();
  const files = entries.flatMap(({ name, live }) =>
    live === null ? [] : [{ name, sha256: live.sha256, attributes: live.attributes }],
  );
  const before = new Map((newest?.files ?? []).map((file) => [file.name, file.sha256]));
  const after = new Map(files.map((file) => [file.name, file.sha256]));
  const added = [...after.keys()].filter((name) => !before.has(name));
  const changed = [...after]
    .filter(([name, sha256]) => before.has(name) && before.get(name) !== sha256)
    .map(([name]) => name);
  const removed = [...before.keys()].filter((name) => !after.has(name));
  if (newest !== null && added.length + changed.length + removed.length === 0) return newest.number;
  const number = (newest?.number ?? 0) + 1;
  try {
    await versions.create({ accountId, number, at: clock.now(), files, added, changed, removed });
  } catch (error) {
    if (isDuplicateKey(error)) throw new SyncSupersededError(`version ${number} was written by another sync`);
    throw error;
  }
  await versions.deleteMany({ accountId, number: { $lte: number - VERSIONS_KEPT } });
  return number;
}
