import { expect, test } from '@jest/globals';
import type { ContextFile } from './context-file.model.ts';
import { mayRetire, planSync } from './plan-sync.ts';
import type { RenderedFile } from './render.ts';

const now = new Date('2026-11-24T12:00:00Z');
const target = { storeId: 'vs_1', now };

test('a file that is live with the same content is unchanged; one with other content, or in another store, is to do', () => {
  const rendered = [file('a.md', 'A'), file('b.md', 'B2'), file('c.md', 'C')];
  const manifest = [
    entry('a.md', { live: 'A' }),
    entry('b.md', { live: 'B' }),
    entry('c.md', { live: 'C', storeId: 'vs_0' }),
  ];

  expect(names(planSync(rendered, manifest, target))).toMatchObject({ unchanged: ['a.md'], advance: ['b.md', 'c.md'] });
});

test('a rendering under way is dropped when the content is back to what is live', () => {
  const plan = planSync([file('a.md', 'A')], [entry('a.md', { live: 'A', next: 'B' })], target);

  expect(names(plan)).toMatchObject({ unchanged: ['a.md'], dropNext: ['a.md'], advance: [] });
});

test('a file that failed waits for its next try, and is tried at once with other content', () => {
  const failed = [entry('a.md', { failed: 'A', nextTryAt: new Date('2026-11-24T12:01:00Z') })];

  expect(names(planSync([file('a.md', 'A')], failed, target))).toMatchObject({ waiting: ['a.md'], advance: [] });
  expect(names(planSync([file('a.md', 'A2')], failed, target))).toMatchObject({ waiting: [], advance: ['a.md'] });
  expect(
    names(planSync([file('a.md', 'A')], failed, { ...target, now: new Date('2026-11-24T12:01:00Z') })),
  ).toMatchObject({ advance: ['a.md'] });
});

test('a file that was given up waits until its content changes', () => {
  const plan = planSync([file('a.md', 'A')], [entry('a.md', { failed: 'A', nextTryAt: null })], target);

  expect(plan.waiting).toEqual([{ name: 'a.md', nextTryAt: null }]);
});

test('what is no longer rendered retires', () => {
  expect(planSync([], [entry('faqs.md', { live: 'A' })], target).retire).toEqual(['faqs.md']);
});

test('a leaf retires once all leaves that cover its products are live', () => {
  const rendered = [
    file('products-0.md', 'A'),
    file('products-10.md', 'B'),
    file('products-11.md', 'C'),
    file('faqs.md', 'D'),
  ];
  expect(mayRetire('products-1.md', rendered, live('products-10.md'))).toBe(false);
  expect(mayRetire('products-1.md', rendered, live('products-10.md', 'products-11.md'))).toBe(true);
  expect(mayRetire('products-110.md', rendered, live('products-11.md'))).toBe(true);
  expect(mayRetire('products-.md', rendered, live('products-10.md', 'products-11.md'))).toBe(false);
  expect(mayRetire('local/rain.md', rendered, live())).toBe(true);
});

function file(name: string, sha256: string): RenderedFile {
  return { name, kind: 'products', title: name, bytes: new Uint8Array(), sha256, attributes: {} };
}

interface Standing {
  live?: string;
  next?: string;
  failed?: string;
  nextTryAt?: Date | null;
  storeId?: string;
}

function entry(name: string, { live, next, failed, nextTryAt = null, storeId = 'vs_1' }: Standing): ContextFile {
  const revision = { bytes: 0, attributes: {}, objectKey: 'x', fileId: 'file_1', storeId };
  return {
    accountId: 'acc_1',
    name,
    kind: 'products',
    title: name,
    token: 1,
    retiring: [],
    live: live === undefined ? null : { ...revision, sha256: live, since: now },
    next: next === undefined ? null : { ...revision, sha256: next, state: 'uploaded' },
    failed: failed === undefined ? null : { sha256: failed, reason: 'x', attempts: 1, nextTryAt },
  };
}

function names(plan: ReturnType<typeof planSync>) {
  return {
    unchanged: plan.unchanged.map(nameOf),
    advance: plan.advance.map(nameOf),
    waiting: plan.waiting.map(nameOf),
    dropNext: plan.dropNext,
  };
}

function nameOf({ name }: { name: string }): string {
  return name;
}

function live(...names: string[]): (name: string) => boolean {
  return (name) => names.includes(name);
}
