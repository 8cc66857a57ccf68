import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sun_path holds 104 bytes on macOS (108 on Linux), with its closing zero. */
const socketPathBytesMax = 103;

/**
 * Where the server of a data folder listens: in the folder, or, where that path is too long for a socket, in a folder of ours
 * under the system's temporary one, named after the real path of the data.
 * @throws Error if somebody else owns that folder.
 */
export function socketPathFor(dir: string): string {
  const inside = join(realpathSync(dir), 'mongo.sock');
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside;
  const digest = createHash('sha256').update(inside).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `embedded-mongo-${digest}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  const uid = process.getuid?.();
  if (!stat.isDirectory() || (uid !== undefined && stat.uid !== uid))
    throw new Error(`${folder} belongs to somebody else`);
  chmodSync(folder, 0o700);
  return join(folder, 'mongo.sock');
}

/** @returns for a driver; its dbName option or a path after the host names the database. */
export function uriOf(at: { socketPath: string } | { port: number }, dbName = ''): string {
  const host = 'socketPath' in at ? encodeURIComponent(at.socketPath) : `127.0.0.1:${at.port}`;
  return `mongodb://${host}/${encodeURIComponent(dbName)}?directConnection=true`;
}
