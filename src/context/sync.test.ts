import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NewProduct } from './product.schema.ts';
import { AuthenticationError } from 'openai';
import { createManualClock } from '../testing/manual-clock.ts';
import { type CountingUpstream, createCountingUpstream } from '../testing/counting-upstream.ts';
import { aProduct, startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';

let wire: CountingUpstream;
let app: TestApp;

beforeEach(async () => {
  wire = createCountingUpstream();
  app = await startApp({ upstream: wire.upstream });
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await wire[Symbol.asyncDispose]();
});

interface Step {
  readonly step: string;
  readonly at: string;
}

const shelf = (count: number): NewProduct[] =>
  Array.from({ length: count }, (_, index) => aProduct({ sku: `P${index}`, name: `Product number ${index}` }));

test('one changed product uploads its file alone and takes the old one away', async () => {
  const { accountId } = await app.business({ products: shelf(250) });
  const files = await app.service.context.listFiles(accountId);
  await app.service.context.products.patch(accountId, 'P7', { price: { amount: 111, currency: 'USD' } });
  wire.calls.length = 0;

  const result = await app.service.context.sync(accountId);

  expect(files.filter(({ kind }) => kind === 'products').length).toBeGreaterThan(2);
  expect(result).toMatchObject({
    state: 'synced',
    uploaded: [expect.stringMatching(/^products-/)],
    removed: [],
    pending: [],
  });
  expect(wire.calls).toEqual([
    'POST /files',
    'POST /vector_stores/*/files',
    'GET /vector_stores/*/files/*',
    'POST /vector_stores/*/search',
    'DELETE /vector_stores/*/files/*',
    'DELETE /files/*',
  ]);
  expect(await findPrices(accountId, 'Product number 7')).toContain('$1.11');
});

test('each step of a file is told with its time, and a change begins anew', async () => {
  const { accountId, secretKey } = await app.business({ products: shelf(3) });
  const readSteps = async () => {
    const { body } = await app.http.get('/v1/context').set('X-API-Key', secretKey);
    return body.files.find(({ name }: { name: string }) => name === 'products-.md').steps as Step[];
  };
  const first = await readSteps();
  await app.service.context.products.patch(accountId, 'P1', { price: { amount: 111, currency: 'USD' } });
  await app.service.context.sync(accountId);
  const second = await readSteps();

  for (const steps of [first, second]) {
    expect(steps.map(({ step }) => step)).toEqual(['planned', 'stored', 'uploaded', 'attached', 'live']);
    expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).sort());
  }
  expect(second[0]?.at && second[0].at >= (first.at(-1)?.at ?? '')).toBe(true);
});

test('an unchanged business costs no call', async () => {
  const { accountId } = await app.business({ products: shelf(30) });
  wire.calls.length = 0;

  const result = await app.service.context.sync(accountId);

  expect(result).toMatchObject({ state: 'synced', uploaded: [], removed: [] });
  expect(wire.calls).toEqual([]);
});

test('a first sync attaches its files by one batch', async () => {
  await app.business({ products: shelf(250) });

  expect(wire.calls.filter((call) => call === 'POST /vector_stores/*/file_batches')).toHaveLength(1);
  expect(wire.calls.filter((call) => call === 'POST /vector_stores/*/files')).toHaveLength(0);
});

test('a leaf that overflows is split: its products are found all the time, and the old leaf goes', async () => {
  const { accountId } = await app.business({ products: shelf(100) });
  expect(await fileNames(accountId)).toContain('products-.md');

  await app.service.context.products.create(accountId, aProduct({ sku: 'ONE-MORE' }));
  const result = await app.service.context.sync(accountId);

  expect(result).toMatchObject({ uploaded: ['products-0.md', 'products-1.md'], removed: ['products-.md'] });
  expect(await fileNames(accountId)).not.toContain('products-.md');
});

test('what the last FAQ said is no longer found once it is removed', async () => {
  const { accountId } = await app.business({
    faqs: [{ question: 'May I bring my dog?', answer: 'Dogs are welcome.', order: 0 }],
  });
  expect((await app.service.context.search(accountId, 'dog', 5)).map(({ name }) => name)).toContain('faqs.md');

  const [faq] = await app.service.context.faqs.list(accountId);
  await app.service.context.faqs.remove(accountId, faq!._id);
  await app.service.context.sync(accountId);

  expect((await app.service.context.search(accountId, 'dog', 5)).map(({ name }) => name)).not.toContain('faqs.md');
});

test('a sync that dies at any call, before it is made or before its answer comes, is mended by running again', async () => {
  const { accountId } = await app.business({ products: shelf(120) });
  for (const when of ['before', 'after'] as const) {
    for (let call = 0; call < 9; call += 1) {
      const price = { amount: 1000 + call * 10 + (when === 'after' ? 5 : 0), currency: 'USD' };
      await app.service.context.products.patch(accountId, 'P3', { price });
      const signal = wire.endAt(call, when);
      await app.service.context.sync(accountId, { signal }).catch(() => undefined);

      await app.service.context.sync(accountId);

      const files = await app.service.context.listFiles(accountId);
      expect(
        files.filter(({ live, next, retiring, failed }) => !live || next || failed || retiring.length > 0),
      ).toEqual([]);
      expect(await findPrices(accountId, 'Product number 3')).toContain(`$${price.amount / 100}`);
      expect(await storedFiles(accountId)).toEqual(files.map(({ live }) => live?.fileId).sort());
    }
  }
});

test('of two syncs of a business at once one does the work and the other says that it is busy', async () => {
  const business = await app.business();
  const sibling = await app.sibling();
  await app.service.context.products.patch(business.accountId, 'LOAF', { name: 'Rye loaf' });

  const results = await Promise.all([
    app.service.context.sync(business.accountId),
    sibling.context.sync(business.accountId),
    app.service.context.sync(business.accountId),
  ]);

  expect(results.map(({ state }) => state).sort()).toEqual(['busy', 'busy', 'synced']);
});

test('a change made while a sync runs leaves the business due, and the next sync has it', async () => {
  const business = await app.business();
  const { accounts, context } = app.service;
  const start = await accounts.startSync(business.accountId, 1_000_000);
  await context.products.patch(business.accountId, 'LOAF', { name: 'Rye loaf' });

  await accounts.finishSync(business.accountId, 1_000_000, start!, { nextTryAt: undefined, contextVersion: 1 });

  expect(await accounts.listSyncDue(10)).toContain(business.accountId);
});

test('a file that the other side refuses is told to the owner while the rest goes live', async () => {
  const { accountId, secretKey } = await app.business({ products: [] });
  await app.service.accounts.update(accountId, { description: 'Newly described.' });
  await app.service.context.faqs.create(accountId, { question: 'Q?', answer: 'A.', order: 0 });
  refuseFile((name) => name === 'faqs.md');

  const result = await app.service.context.sync(accountId);

  expect(result).toMatchObject({ uploaded: ['profile.md'], pending: ['faqs.md'] });
  const answer = await app.http.get('/v1/context').set('X-API-Key', secretKey);
  expect(answer.body.files).toContainEqual(
    expect.objectContaining({ name: 'faqs.md', state: 'failed', failure: expect.stringMatching(/not text/) }),
  );
});

test('a refused change that is taken back leaves nothing behind and nothing due', async () => {
  const clock = createManualClock('2026-11-24T12:00:00Z');
  await using timed = await startApp({ upstream: wire.upstream, clock });
  const { accountId } = await timed.business();
  const { context, accounts } = timed.service;
  await context.products.patch(accountId, 'LOAF', { name: 'Rye loaf' });
  refuseFile((name) => name.startsWith('products-'));
  expect(await context.sync(accountId)).toMatchObject({ pending: ['products-.md'] });

  await context.products.patch(accountId, 'LOAF', { name: 'Sourdough loaf' });
  clock.advance(120_000);
  expect(await context.sync(accountId)).toMatchObject({ uploaded: [], pending: [] });

  expect((await context.listFiles(accountId)).filter(({ failed }) => failed !== null)).toEqual([]);
  expect(await accounts.listSyncDue(10)).toEqual([]);
});

test('a wrong key or an empty budget is no fault of a file: the sync fails, is tried again, and nothing is given up', async () => {
  const { accountId } = await app.business();
  const { context } = app.service;
  await context.products.patch(accountId, 'LOAF', { name: 'Rye loaf' });
  const create = wire.upstream.openai.files.create.bind(wire.upstream.openai.files);
  wire.upstream.openai.files.create = () => {
    throw new AuthenticationError(401, { message: 'Incorrect API key provided: sk-abc' }, undefined, new Headers());
  };
  await expect(context.sync(accountId)).rejects.toThrow(/401/);
  wire.upstream.openai.files.create = create;

  expect((await context.listFiles(accountId)).filter(({ failed }) => failed !== null)).toEqual([]);
  expect(await context.sync(accountId)).toMatchObject({ uploaded: ['products-.md'], pending: [] });
});

test('a file that vanished between upload and attach holds up no other, and is uploaded anew', async () => {
  const { accountId } = await app.business({ products: shelf(250) });
  const { context, accounts } = app.service;
  await accounts.update(accountId, { name: 'Renamed Bakery' });
  const attach = wire.upstream.openai.vectorStores.fileBatches.create;
  wire.upstream.openai.vectorStores.fileBatches.create = async function (storeId, body) {
    wire.upstream.openai.vectorStores.fileBatches.create = attach;
    await wire.upstream.openai.files.delete(body.files![0]!.file_id);
    return attach.call(wire.upstream.openai.vectorStores.fileBatches, storeId, body);
  } as typeof attach;

  const first = await context.sync(accountId);
  expect(first).toMatchObject({ state: 'synced', pending: [expect.any(String)] });
  expect(await context.sync(accountId)).toMatchObject({ uploaded: [expect.any(String)], pending: [] });
});

test('what runs is not due for other workers, and is due again a minute after its worker died', async () => {
  const clock = createManualClock('2026-11-24T12:00:00Z');
  await using timed = await startApp({ upstream: wire.upstream, clock });
  const { accountId } = await timed.business();
  const { accounts, context } = timed.service;
  await context.products.patch(accountId, 'LOAF', { name: 'Rye loaf' });
  clock.advance(1000);
  expect(await accounts.listSyncDue(10)).toEqual([accountId]);

  await accounts.startSync(accountId, 1_000_000);
  expect(await accounts.listSyncDue(10)).toEqual([]);
  clock.advance(60_000);
  expect(await accounts.listSyncDue(10)).toEqual([accountId]);
});

test('a sync that is asked for while one runs is not lost', async () => {
  const { accountId } = await app.business();
  const { accounts } = app.service;
  const start = await accounts.startSync(accountId, 1_000_000);
  await accounts.makeSyncDue(accountId);
  await accounts.finishSync(accountId, 1_000_000, start!, { nextTryAt: undefined, contextVersion: 1 });

  expect(await accounts.listSyncDue(10)).toEqual([accountId]);
});

test('a business whose server changes is rebuilt on the new one', async () => {
  const business = await app.business({ products: shelf(3) });
  await using other = createCountingUpstream();
  const moved = await app.sibling({ upstream: { ...other.upstream, name: 'elsewhere' } });
  expect(await moved.assistants.listElsewhere()).toEqual([business.accountId]);

  const result = await moved.context.sync(business.accountId);

  expect(result).toMatchObject({ uploaded: ['profile.md', 'hours.md', 'products-.md'], pending: [] });
  expect((await moved.context.search(business.accountId, 'product number 2', 3)).length).toBeGreaterThan(0);
});

test('each sync that changes something is a version, one that changes nothing is none', async () => {
  const { accountId } = await app.business();
  const { accounts, context } = app.service;
  expect((await accounts.get(accountId)).contextVersion).toBe(1);

  await context.sync(accountId);
  expect((await accounts.get(accountId)).contextVersion).toBe(1);

  await context.products.patch(accountId, 'LOAF', { name: 'Rye loaf' });
  await context.sync(accountId);
  expect((await accounts.get(accountId)).contextVersion).toBe(2);
});

async function findPrices(accountId: string, query: string): Promise<string> {
  const passages = await app.service.context.search(accountId, query, 5);
  return passages.map(({ text }) => text).join('\n');
}

async function fileNames(accountId: TestBusiness['accountId']): Promise<string[]> {
  return (await app.service.context.listFiles(accountId)).map(({ name }) => name);
}

async function storedFiles(accountId: string): Promise<string[]> {
  const { vectorStoreId } = await app.service.assistants.getCurrent(accountId);
  const files = [];
  for await (const file of wire.upstream.openai.vectorStores.files.list(vectorStoreId, { limit: 100 }))
    files.push(file.id);
  return files.sort();
}

/** From now on the engine says of these files that it could not read them. */
function refuseFile(isRefused: (name: string) => boolean): void {
  const { files } = wire.upstream.openai.vectorStores;
  const retrieve = files.retrieve.bind(files);
  files.retrieve = (async (...args: Parameters<typeof retrieve>) => {
    const file = await retrieve(...args);
    if (!isRefused(String(file.attributes?.['name']))) return file;
    return { ...file, status: 'failed', last_error: { code: 'unsupported_file', message: 'not text' } };
  }) as typeof retrieve;
}
