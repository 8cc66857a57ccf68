import { setImmediate } from 'node:timers/promises';
import { Zip, ZipDeflate } from 'fflate';
import type { DataOwners, ExportedFile } from '../platform/data-owners.ts';

const CHUNK_BYTES = 64 * 1024;

/** Everything of a business as a ZIP, made while it is read: a batch of documents is in memory at a time. */
export async function* exportAccount(
  owners: DataOwners,
  { accountId, at }: { accountId: string; at: Date },
): AsyncGenerator<Uint8Array> {
  async function* files(): AsyncGenerator<ExportedFile> {
    const paths: string[] = [];
    for (const owner of owners.list) {
      for await (const file of owner.exportAccount(accountId)) {
        paths.push(file.path);
        yield file;
      }
    }
    // Last: an export that has it is whole.
    const index = { accountId, exportedAt: at.toISOString(), files: paths };
    yield { path: 'export.json', text: `${JSON.stringify(index, null, 2)}\n` };
  }
  yield* zipFiles(files(), at);
}

async function* zipFiles(files: AsyncIterable<ExportedFile>, at: Date): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  for await (const file of files) {
    const entry = new ZipDeflate(file.path);
    entry.mtime = at;
    zip.add(entry);
    for await (const bytes of bytesOf(file)) {
      entry.push(bytes);
      yield* ready.splice(0);
      await setImmediate(); // whoever else is served here has a turn
    }
    entry.push(new Uint8Array(), true);
    yield* ready.splice(0);
  }
  zip.end();
  yield* ready.splice(0);
}

async function* bytesOf(file: ExportedFile): AsyncGenerator<Uint8Array> {
  if ('text' in file) {
    yield Buffer.from(file.text);
    return;
  }
  let rows: string[] = [];
  let size = 0;
  for await (const line of file.lines) {
    const row = `${JSON.stringify(line)}\n`;
    rows.push(row);
    size += row.length;
    if (size < CHUNK_BYTES) continue;
    yield Buffer.from(rows.join(''));
    rows = [];
    size = 0;
  }
  yield Buffer.from(rows.join(''));
}
