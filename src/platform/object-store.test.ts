import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createFolderStore, type ObjectStore } from './object-store.ts';

let root: string;
let store: ObjectStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'objects-'));
  store = createFolderStore(root);
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('what was put is got, listed below its prefix, and gone once deleted', async () => {
  await store.put('accounts/a/context/1.md', Buffer.from('one'));
  await store.put('accounts/b/context/2.md', Buffer.from('two'));

  expect(Buffer.from(await store.get('accounts/a/context/1.md')).toString()).toBe('one');
  expect(await store.list('accounts/a/')).toEqual(['accounts/a/context/1.md']);

  await store.delete('accounts/a/context/1.md');
  await store.delete('accounts/a/context/1.md');
  await expect(store.get('accounts/a/context/1.md')).rejects.toMatchObject({ code: 'not-found' });
});

test('writing the same object from many sides at once leaves one whole object and no draft', async () => {
  await Promise.all(Array.from({ length: 20 }, () => store.put('same.md', Buffer.alloc(10_000, 'x'))));

  expect((await store.get('same.md')).byteLength).toBe(10_000);
  expect(await readdir(root)).toEqual(['same.md']);
});

test('objects are readable by their owner only', async () => {
  await store.put('secret.md', Buffer.from('x'));

  expect((await stat(path.join(root, 'secret.md'))).mode & 0o077).toBe(0);
});

test.each(['../outside', 'a/../../b', '/etc/passwd', 'a//b', '', 'a\0b', '.hidden/x'])(
  '%j is not a key',
  async (key) => {
    await expect(store.put(key, Buffer.from('x'))).rejects.toThrow(/not an object key/);
  },
);

test('a store that nothing was put into is empty', async () => {
  expect(await createFolderStore(path.join(root, 'absent')).list('')).toEqual([]);
});
