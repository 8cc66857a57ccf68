import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

type Change = 'same' | 'added' | 'removed';
interface Trace {
  readonly name: string;
  readonly outcome: string;
  readonly steps: readonly { readonly label: string; readonly at: number | undefined }[];
}
type Sight = ReturnType<typeof sightOf>;

const demo = (name: string) => import(path.join(import.meta.dirname, '../website/demo', name));
const { diffLines } = (await demo('line-diff.js')) as {
  diffLines(before: string, after: string): { text: string; change: Change }[];
};
const { endOfDay, momentOf, wallTimeOf } = (await demo('zone-time.js')) as {
  endOfDay(ms: number, zone: string): number;
  momentOf(wallTime: string, zone: string): number;
  wallTimeOf(ms: number, zone: string): string;
};
const { createSyncTrace } = (await demo('sync-trace.js')) as {
  createSyncTrace(): { see(sight: Sight): boolean; list(): Trace[] };
};

const anyLines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });

test('the marked lines of a text are those of both texts, in order, and what they share is the most they can', () => {
  fc.assert(
    fc.property(anyLines, anyLines, (old, now) => {
      const lines = diffLines(`${old.join('\n')}\n`, `${now.join('\n')}\n`);
      const without = (change: Change) => lines.filter((line) => line.change !== change).map(({ text }) => text);

      expect(without('added')).toEqual(old);
      expect(without('removed')).toEqual(now);
      expect(lines.filter(({ change }) => change === 'same')).toHaveLength(sharedLength(old, now));
    }),
  );
});

/** Length of the longest common subsequence, by its definition. */
function sharedLength([a, ...rest]: string[], now: string[], from = 0): number {
  if (a === undefined) return 0;
  const place = now.indexOf(a, from);
  const without = sharedLength(rest, now, from);
  return place === -1 ? without : Math.max(without, 1 + sharedLength(rest, now, place + 1));
}

test('one changed line of a long text is one line removed and one added', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index % 7}`);
  const changed = diffLines(lines.join('\n'), lines.with(2500, 'new').join('\n')).filter(
    ({ change }) => change !== 'same',
  );

  expect(changed).toEqual([
    { text: 'line 1', change: 'removed' },
    { text: 'new', change: 'added' },
  ]);
});

const anyZone = fc.constantFrom('America/Los_Angeles', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC');
const anySecond = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }).map((seconds) => seconds * 1000);

test('a wall-clock time somewhere is the moment that a calendar library finds', () => {
  fc.assert(
    fc.property(anySecond, anyZone, (ms, zone) => {
      const there = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
      const wallTime = there.toPlainDateTime();
      const moments = (['earlier', 'later'] as const).map(
        (disambiguation) => wallTime.toZonedDateTime(zone, { disambiguation }).epochMilliseconds,
      );

      expect(wallTimeOf(ms, zone)).toBe(wallTime.toString({ smallestUnit: 'second' }));
      expect(moments).toContain(momentOf(wallTimeOf(ms, zone), zone));
      expect(endOfDay(ms, zone)).toBe(there.startOfDay().add({ days: 1 }).epochMilliseconds);
    }),
    { numRuns: 1000 },
  );
});

test('a time that the clocks leave out or show twice is a moment beside it', () => {
  const zone = 'America/Los_Angeles';
  expect(wallTimeOf(momentOf('2027-03-14T02:30', zone), zone)).toMatch(/^2027-03-14T0[13]:30/); // left out
  expect(wallTimeOf(momentOf('2027-11-07T01:30', zone), zone)).toBe('2027-11-07T01:30:00'); // shown twice
  expect(momentOf('', zone)).toBeNaN();
});

const STEPS = ['planned', 'stored', 'uploaded', 'attached', 'live'];

/** `GET /v1/context` with files whose newest rendering was begun at a moment and has come so far, a millisecond a step. */
function sightOf(files: Record<string, [begunAt: number, steps: number]>, savedAt?: number) {
  const views = Object.entries(files).map(([name, [begunAt, count]]) => ({
    name,
    sha256: 'any',
    state: count === STEPS.length ? 'live' : 'updating',
    failure: null,
    steps: STEPS.slice(0, count).map((step, index) => ({ step, at: new Date(begunAt + index).toISOString() })),
  }));
  const upToDate = views.every(({ state }) => state === 'live');
  return {
    phase: upToDate ? 'known' : 'updating',
    context: { version: 1, upToDate, files: views } as object | undefined,
    savedAt,
  };
}

test('a change is followed from its save into its files, whose times stay until the next change', () => {
  const trace = createSyncTrace();
  trace.see(sightOf({ 'hours.md': [100, 5], 'profile.md': [100, 5] }));
  expect(trace.list()).toEqual([]);

  expect(trace.see({ phase: 'updating', context: undefined, savedAt: 1000 })).toBe(true);
  expect(trace.list()).toMatchObject([
    { name: '', outcome: 'running', steps: [{ label: 'Saved', at: 1000 }, {}, {}, {}, {}, {}] },
  ]);
  expect(trace.see(sightOf({ 'hours.md': [1500, 2], 'profile.md': [100, 5] }, 1000))).toBe(false);
  expect(trace.list()[0]?.steps.map(({ at }) => at)).toEqual([1000, 1500, 1501, undefined, undefined, undefined]);
  trace.see(sightOf({ 'hours.md': [1500, 5], 'profile.md': [100, 5] }, 1000));
  trace.see(sightOf({ 'hours.md': [1500, 5], 'profile.md': [100, 5] }, 1000));
  expect(trace.list()).toMatchObject([{ name: 'hours.md', outcome: 'live' }]);

  expect(trace.see({ phase: 'updating', context: undefined, savedAt: 2000 })).toBe(true);
  trace.see(sightOf({ 'hours.md': [1500, 5], 'profile.md': [2500, 5] }, 2000));
  expect(trace.list().map(({ name }) => name)).toEqual(['profile.md']);
});

test('a file that goes is told, and so is what was changed elsewhere', () => {
  const trace = createSyncTrace();
  trace.see(sightOf({ 'hours.md': [100, 5], 'local/a.md': [100, 5] }, 50));
  expect(trace.list()).toEqual([]);

  expect(trace.see(sightOf({ 'hours.md': [100, 5] }, 50))).toBe(true);
  expect(trace.list()).toMatchObject([{ name: 'local/a.md', outcome: 'removed' }]);

  expect(trace.see(sightOf({ 'hours.md': [900, 5] }, 50))).toBe(true);
  expect(trace.list()).toMatchObject([
    { name: 'hours.md', steps: [{ label: 'Saved', at: undefined }, { at: 900 }, {}, {}, {}, {}] },
  ]);
});

test('two changes in one go are told together, each with the save that it could hold', () => {
  const trace = createSyncTrace();
  trace.see(sightOf({ 'hours.md': [100, 5], 'profile.md': [100, 5] }));
  trace.see({ phase: 'updating', context: undefined, savedAt: 1000 });
  trace.see(sightOf({ 'hours.md': [1500, 3], 'profile.md': [100, 5] }, 1000));
  expect(trace.see({ phase: 'updating', context: undefined, savedAt: 1600 })).toBe(false);
  trace.see(sightOf({ 'hours.md': [1500, 5], 'profile.md': [1900, 5] }, 1600));

  expect(trace.list().map(({ name, steps }) => [name, steps[0]?.at])).toEqual([
    ['hours.md', 1000],
    ['profile.md', 1600],
  ]);
});
