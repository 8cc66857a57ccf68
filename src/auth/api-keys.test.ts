import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFailedAttempts } from '../platform/failed-attempts.ts';
import type { Service } from '../services.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';
import { createApiKeyModel } from './api-key.model.ts';
import { mergeRefusals } from './api-key-refusals.ts';
import { makeKey } from './api-key.ts';
import { createKeyVerifier } from './api-key-verifier.ts';
import { moveEarlierKeys } from './api-key-earlier.ts';
import type { NewKey } from './api-keys.ts';

const HOUR_MS = 60 * 60 * 1000;
const clock = createManualClock('2026-11-24T10:00:00Z');
let app: TestApp;
let other: Service;
let bakery: TestBusiness;

beforeAll(async () => {
  app = await startApp({ clock });
  [bakery, other] = [await app.business(), await app.sibling()];
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const keysOf = ({ auth }: Service = app.service) => auth.keys;
const secretKey: NewKey = { kind: 'secret', name: 'Shop', hosts: [], scopes: ['products:read'] };
const pageKey: NewKey = { kind: 'publishable', name: 'Page', hosts: ['bakery.example'], scopes: [] };
const make = (parts: Partial<NewKey> = {}, base = secretKey) =>
  keysOf().create(bakery.accountId, { ...base, ...parts });
const isGood = (key: string, service?: Service) =>
  keysOf(service)
    .verify(key)
    .then(
      () => true,
      () => false,
    );
const keyModel = () => createApiKeyModel(app.service.platform.connection);
const storedKey = (id: string) => keyModel().findOne({ _id: id }).lean();

/** Commands on the keys' collection while `run` runs. */
async function countLookUps(run: () => Promise<unknown>): Promise<number> {
  const { collection } = keyModel();
  const findOne = collection.findOne.bind(collection);
  let count = 0;
  collection.findOne = ((...args: Parameters<typeof findOne>) => {
    count += 1;
    return findOne(...args);
  }) as typeof collection.findOne;
  try {
    await run();
  } finally {
    collection.findOne = findOne;
  }
  return count;
}

test('a secret is kept as a keyed hash only, and found by its beginning', async () => {
  const { id, key } = await make();

  const stored = await storedKey(id);
  expect(JSON.stringify(stored)).not.toContain(key.slice(16));
  expect(stored?.secrets).toEqual([
    { prefix: key.slice(0, 16), hash: expect.stringMatching(/^[0-9a-f]{64}$/), validUntil: null },
  ]);
});

test('a warm key is looked up by nobody, many cold ones at once are one look-up, and 5 s later it is one again', async () => {
  const { key } = await make();

  expect(await countLookUps(() => Promise.all(Array.from({ length: 20 }, () => keysOf().verify(key))))).toBe(1);
  expect(await countLookUps(() => keysOf().verify(key))).toBe(0);
  clock.advance(4999);
  expect(await countLookUps(() => keysOf().verify(key))).toBe(0);
  clock.advance(2);
  expect(await countLookUps(() => keysOf().verify(key))).toBe(1);
});

test('a wrong key is looked up once in 5 s, and a mistyped one never', async () => {
  const { key } = await make();
  const wrong = makeKey('secret');
  await isGood(key);

  expect(await countLookUps(() => isGood(wrong))).toBe(1);
  expect(await countLookUps(() => isGood(wrong))).toBe(0);
  expect(await countLookUps(() => isGood(`${key.slice(0, -1)}_`))).toBe(0);
});

test('what is remembered is bounded, and a flood of wrong keys pushes no good one out', async () => {
  const made = [await make(), await make(), await make()];
  const { hasher, log } = app.service.platform;
  const wrongKeys = createFailedAttempts(clock, 1000, 'wrong API keys');
  const verifier = createKeyVerifier({ keys: keyModel(), clock, hasher, log, wrongKeys, knownMax: 2 });
  for (const { key } of made) await verifier.verify(key);
  for (let n = 0; n < 10; n += 1) await expect(verifier.verify(makeKey('secret'))).rejects.toThrow(/not known/);

  const lookUps = [];
  for (const { key } of made.toReversed()) lookUps.push(await countLookUps(() => verifier.verify(key)));

  expect(lookUps).toEqual([0, 0, 1]);
});

test('a key whose beginning is known but whose rest is not is refused', async () => {
  const { key } = await make();
  const known = Buffer.from(key.slice(6, 18), 'base64url');
  const forged = makeKey('secret', (bytes) => Buffer.concat([known, Buffer.alloc(bytes)], bytes));

  expect(forged.slice(0, 16)).toBe(key.slice(0, 16));
  expect(await isGood(forged)).toBe(false);
});

test('a revoked key is refused here at once, and by another process within 5 s', async () => {
  const { id, key } = await make();
  expect([await isGood(key), await isGood(key, other)]).toEqual([true, true]);

  await keysOf().remove(bakery.accountId, id);

  expect(await isGood(key)).toBe(false);
  clock.advance(5001);
  expect(await isGood(key, other)).toBe(false);
});

test('a key that is removed while it is looked up is not remembered', async () => {
  const { id, key } = await make();

  await Promise.all([isGood(key), keysOf().remove(bakery.accountId, id)]);

  expect(await isGood(key)).toBe(false);
});

test('changed hosts and scopes hold here at once, and elsewhere within 5 s', async () => {
  const { id, key } = await make();
  await isGood(key, other);

  await keysOf().update(bakery.accountId, id, { scopes: ['hours:read'] });

  expect((await keysOf().verify(key)).scopes).toEqual(['hours:read']);
  clock.advance(5001);
  expect((await keysOf(other).verify(key)).scopes).toEqual(['hours:read']);
});

test('a key ends at its expiry, also while it is in memory, and says when', async () => {
  const { key } = await make({ expiresAt: new Date(clock.now().getTime() + 3000) });
  expect(await isGood(key)).toBe(true);

  clock.advance(3000);

  await expect(keysOf().verify(key)).rejects.toMatchObject({ code: 'unknown-key', detail: /expired at 2026/ });
});

test('a rotated key keeps its id; the old secret is good for the overlap, not a moment more', async () => {
  const { id, key } = await make();

  const next = await keysOf().rotate(bakery.accountId, id, 1);

  expect((await keysOf().verify(next.key))._id).toBe(id);
  clock.advance(HOUR_MS - 1000);
  expect(await isGood(key)).toBe(true);
  clock.advance(1000);
  expect([await isGood(key), await isGood(next.key)]).toEqual([false, true]);
});

test('rotating again ends the oldest, and an overlap of nothing ends the one before', async () => {
  const { id, key } = await make();
  const second = await keysOf().rotate(bakery.accountId, id, 24);
  const third = await keysOf().rotate(bakery.accountId, id, 24);
  expect([await isGood(key), await isGood(second.key), await isGood(third.key)]).toEqual([false, true, true]);

  const fourth = await keysOf().rotate(bakery.accountId, id, 0);

  expect([await isGood(third.key), await isGood(fourth.key)]).toEqual([false, true]);
  expect((await storedKey(id))?.secrets).toHaveLength(2);
});

test('of two people who rotate the same revision at once, one is told that it is stale', async () => {
  const { id } = await make();

  const rotations = await Promise.allSettled([1, 2].map(() => keysOf().rotate(bakery.accountId, id, 1, 1)));

  const shown = rotations.filter((each) => each.status === 'fulfilled').map(({ value }) => value.key);
  expect(shown).toHaveLength(1);
  expect(rotations).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ code: 'stale' }) });
  expect(await isGood(shown[0] ?? '')).toBe(true);
});

test('the last use is kept to the minute: one write, whoever comes', async () => {
  const { id, key } = await make();
  const use = async () => keysOf().noteUse(await keysOf().verify(key));
  const lastUse = async () => (await storedKey(id))?.lastUsedAt?.getTime();
  const first = clock.now().getTime();

  await use();
  await untilEqual(lastUse, first);
  clock.advance(59_000);
  await use();
  await other.auth.keys.verify(key).then(other.auth.keys.noteUse);
  clock.advance(1000);
  expect(await lastUse()).toBe(first);
  await use();
  await untilEqual(lastUse, first + 60_000);
  expect((await storedKey(id))?.rev).toBe(1);
});

test.each([
  [{ ...pageKey, hosts: [] }, /^hosts: .*at least one host/],
  [{ ...pageKey, scopes: ['chat'] }, /^scopes: /],
  [{ ...secretKey, scopes: [] }, /^scopes: .*at least one/],
  [{ ...secretKey, hosts: ['bakery.example'] }, /^hosts: /],
  [{ ...secretKey, expiresAt: new Date(0) }, /^expiresAt: /],
])('%j is not made', async (key, detail) => {
  await expect(keysOf().create(bakery.accountId, key)).rejects.toMatchObject({ code: 'invalid-input', detail });
});

test('nobody empties the hosts of a publishable key, nor reaches a key of another business', async () => {
  const { id } = await make({}, pageKey);
  const { accountId } = await app.business();
  const keys = keysOf();

  await expect(keys.update(bakery.accountId, id, { hosts: [] })).rejects.toMatchObject({ code: 'invalid-input' });
  for (const foreign of [
    keys.update(accountId, id, { name: 'mine' }),
    keys.remove(accountId, id),
    keys.rotate(accountId, id, 0),
    keys.listRefusals(accountId, id),
    keys.allowHost(accountId, id, 'evil.example'),
  ])
    await expect(foreign).rejects.toMatchObject({ code: 'not-found' });
  expect((await keys.list(accountId)).map((key) => key._id)).not.toContain(id);
});

test('refused hosts are counted, listed in any process, and allowed by one call', async () => {
  const { id, key } = await make({}, pageKey);
  const visit = (origin: string) => app.http.get('/v1/widget').set({ 'X-API-Key': key, Origin: origin });
  for (let n = 0; n < 3; n += 1) await visit('https://new.example');
  clock.advance(1000);
  for (const origin of ['https://evil.example:8443', 'null', 'nonsense']) await visit(origin);
  const seen = [
    { host: 'evil.example:8443', count: 1 },
    { host: 'new.example', count: 3 },
  ];

  clock.advance(2000);
  await untilEqual(async () => (await storedKey(id))?.refusedHosts.length, 2);
  expect(await keysOf(other).listRefusals(bakery.accountId, id)).toMatchObject(seen);
  expect(await keysOf().listRefusals(bakery.accountId, id)).toMatchObject(seen);
  expect((await visit('https://new.example')).status).toBe(403);
  await keysOf().allowHost(bakery.accountId, id, 'new.example');

  expect((await visit('https://new.example')).status).toBe(200);
  expect(await keysOf().listRefusals(bakery.accountId, id)).toMatchObject([{ host: 'evil.example:8443' }]);
});

const originOf = (n: number) => ({
  origin: `https://h${n}.example`,
  secFetchSite: undefined,
  ownOrigin: '',
  isRead: true,
});

test('a flood of hosts leaves the last 20', async () => {
  const { id, key } = await make({}, pageKey);
  const known = await keysOf().verify(key);

  for (let n = 0; n < 500; n += 1) {
    clock.advance(1);
    keysOf().noteRefusal(known, originOf(n));
  }

  const refused = await keysOf().listRefusals(bakery.accountId, id);
  expect(refused.map(({ host }) => host)).toEqual(Array.from({ length: 20 }, (_, at) => `h${499 - at}.example`));
});

test('a host too long to be allowed is not kept', async () => {
  const { id, key } = await make({}, pageKey);
  const known = await keysOf().verify(key);
  const long = `${'a.'.repeat(4000)}example`;

  keysOf().noteRefusal(known, { ...originOf(1), origin: `https://${long}` });
  keysOf().noteRefusal(known, originOf(2));

  const refused = await keysOf().listRefusals(bakery.accountId, id);
  expect(refused.map(({ host }) => host)).toEqual(['h2.example']);
});

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

test('counts are added up and capped, and what is newer comes first', () => {
  const before = [
    { host: 'a.example', count: 999_999, lastAt: at(1) },
    { host: 'b.example', count: 1, lastAt: at(2) },
  ];

  expect(mergeRefusals(before, [{ host: 'a.example', count: 5, lastAt: at(3) }])).toEqual([
    { host: 'a.example', count: 1_000_000, lastAt: at(3) },
    { host: 'b.example', count: 1, lastAt: at(2) },
  ]);
});

test('after too many wrong keys an address waits; a key that is in memory still passes', async () => {
  await using limited = await startApp({ clock }, { RATE_LIMIT_WRONG_KEYS: '3' });
  const { secretKey: good } = await limited.business();
  const ask = (key: string) => limited.http.get('/v1/account').set('X-API-Key', key);
  await ask(good);

  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await ask(makeKey('secret'))).status);

  expect(statuses).toEqual([401, 401, 401, 429]);
  expect(await ask(makeKey('secret'))).toMatchObject({
    headers: { 'retry-after': '60' },
    body: { detail: expect.stringMatching(/wrong API keys from this address/) },
  });
  expect((await ask(good)).status).toBe(200);
  clock.advance(60_000);
  expect((await ask(makeKey('secret'))).status).toBe(401);
});

test('keys of before there was rotation go on, whoever moves them how often', async () => {
  await using earlier = await startApp({ clock });
  const { accountId, ...made } = await earlier.business();
  const { connection } = earlier.service.platform;
  const { collection } = createApiKeyModel(connection);
  await collection.dropIndex('secrets.prefix_1');
  await collection.updateMany({}, [
    { $set: { prefix: { $first: '$secrets.prefix' }, hash: { $first: '$secrets.hash' } } },
    { $unset: ['secrets', 'refusedHosts', 'refusalsRev', 'rev', 'expiresAt', 'createdBy', 'lastUsedAt'] },
  ]);
  await collection.createIndex({ prefix: 1 }, { unique: true });

  await Promise.all([1, 2].map(() => moveEarlierKeys(connection)));
  await createApiKeyModel(connection).createIndexes();

  const { keys } = earlier.service.auth;
  const known = await Promise.all([made.publishableKey, made.secretKey].map((key) => keys.verify(key)));
  expect(known.map((key) => key.accountId)).toEqual([accountId, accountId]);
  const next = await keys.rotate(accountId, known[0]?._id ?? '', 1);
  expect((await keys.verify(next.key))._id).toBe((await keys.verify(made.publishableKey))._id);
});

async function untilEqual<T>(read: () => Promise<T>, value: T): Promise<void> {
  while ((await read()) !== value) await new Promise((resolve) => setImmediate(resolve));
}
