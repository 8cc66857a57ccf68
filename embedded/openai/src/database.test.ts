import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openEngine } from './index.ts';
import { aStore, clientOf, found, upload } from './testing.ts';

describe('the engine’s file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('keeps everything over a restart and is readable by its owner only', async () => {
    const path = join(folder, 'restart', 'engine.sqlite');
    const before = openEngine({ path });
    const store = await aStore(clientOf(before));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    await before.close();

    const after = openEngine({ path });
    expect(await found(clientOf(after), store.id, 'parking')).toHaveLength(1);
    await after.close();
  });

  test('files that were waiting when the engine ended are indexed when it opens again', async () => {
    const path = join(folder, 'waiting.sqlite');
    const before = openEngine({ path });
    const fileId = await upload(clientOf(before), 'a.md', 'Parking is free.');
    const store = await clientOf(before).vectorStores.create({ file_ids: [fileId] });
    expect(store.status).toBe('in_progress');
    await before.close();

    const after = openEngine({ path });
    await clientOf(after).vectorStores.files.poll(store.id, fileId, { pollIntervalMs: 5 });
    expect(await found(clientOf(after), store.id, 'parking')).toHaveLength(1);
    await after.close();
  });

  test('two engines on one file see each other’s writes at once', async () => {
    const path = join(folder, 'shared.sqlite');
    const [one, two] = [openEngine({ path }), openEngine({ path })];
    const store = await aStore(clientOf(one));

    expect(await found(clientOf(two), store.id, 'parking')).toHaveLength(1);
    await clientOf(two).files.delete(store.fileIds['faqs.md'] ?? '');
    expect(await found(clientOf(one), store.id, 'parking')).toEqual([]);
    await Promise.all([one.close(), two.close()]);
  });
});
