import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aLocation, anAccount, anOpenWeek, startApp, type TestApp } from '../testing/start-app.ts';
import type { Limits } from './account.schema.ts';
import type { AccountService } from './account.service.ts';

let app: TestApp;
let accounts: AccountService;
let made = 0;

beforeAll(async () => {
  app = await startApp();
  ({ accounts } = app.service);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

/** 10,000 take half a minute: `USAGE_TURNS=10000`. */
const TURNS = Number(process.env['USAGE_TURNS'] ?? 2000);
const noConsumption = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, searches: 0 };

/** A business with those limits, and what one does with its counters. */
async function aCountedBusiness(limits: Partial<Limits> = {}, plan = 'none') {
  made += 1;
  const { _id } = await accounts.create({ ...anAccount(), slug: `counted-${made}` }, aLocation(), anOpenWeek());
  await accounts.update(_id, { limits });
  await app.service.platform.connection.collection<{ _id: string }>('accounts').updateOne({ _id }, { $set: { plan } });
  const standing = { ...(await accounts.getStanding(_id)), plan };
  const { usage } = accounts;
  const month = usage.placeOf(standing, '').date.slice(0, 7);
  let turns = 0;
  return {
    _id,
    standing,
    placeOfNext: () => usage.placeOf(standing, `trn_${(turns += 1)}`),
    reserve: async (place = usage.placeOf(standing, `trn_${(turns += 1)}`)) => {
      await usage.reserve(standing, place);
      return place;
    },
    read: async () => {
      const found = await usage.get(_id, month);
      const day = Object.values(found?.days ?? {})[0];
      return { messages: found?.messages ?? 0, tokens: found?.tokens ?? 0, open: found?.open.length ?? 0, day, found };
    },
  };
}

test.each([
  ['messages of the month', { messagesPerMonth: 3 }],
  ['messages of the day', { messagesPerDay: 3 }],
])('of many turns at once as many pass as the limit leaves: %s', async (_name, limits) => {
  const business = await aCountedBusiness(limits);

  const tries = await Promise.allSettled(Array.from({ length: 50 }, () => business.reserve()));

  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  expect(await business.read()).toMatchObject({ messages: 3, open: 3, day: { messages: 3 } });
  for (const { reason } of tries.filter((attempt) => attempt.status === 'rejected')) {
    expect(reason).toMatchObject({ code: 'limit-reached', detail: expect.stringContaining('+1 541 555 0100') });
  }
});

test('a limit of nothing at all is not passed by the first turn of a month', async () => {
  const business = await aCountedBusiness({ messagesPerMonth: 0 });
  await expect(business.reserve()).rejects.toMatchObject({ code: 'limit-reached' });
  expect(await business.read()).toMatchObject({ messages: 0 });
});

test('tokens are known only afterwards: the turn that uses them up is the last', async () => {
  const business = await aCountedBusiness({ tokensPerMonth: 100 });
  const first = await business.reserve();
  const consumption = { ...noConsumption, inputTokens: 90, outputTokens: 10 };
  await accounts.usage.settle(first, { model: 'gpt-6-luna', consumption, isAnswered: true });
  await expect(business.reserve()).rejects.toMatchObject({ code: 'limit-reached' });
});

test("a plan's limit refuses, whatever the business wants", async () => {
  const business = await aCountedBusiness({ messagesPerMonth: 1_000_000, atLimit: 'notify' }, 'free');
  const tries = await Promise.allSettled(Array.from({ length: 60 }, () => business.reserve()));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
});

test('a limit that only notifies lets the turn pass and is noted once at 80 and at 100 %', async () => {
  const business = await aCountedBusiness({ messagesPerMonth: 5, atLimit: 'notify' });
  const alertsAfter: string[][] = [];
  for (let turn = 0; turn < 7; turn += 1) {
    const place = await business.reserve();
    await accounts.usage.settle(place, { model: 'embedded-extractive', consumption: noConsumption, isAnswered: true });
    alertsAfter.push(Object.keys((await business.read()).found?.alerts ?? {}));
  }
  const [at80, at100] = ['messagesPerMonth-business-80', 'messagesPerMonth-business-100'];
  expect(alertsAfter).toEqual([[], [], [], [at80], [at80, at100], [at80, at100], [at80, at100]]);
});

test('more turns than may run at once are refused, and none is pushed out', async () => {
  const business = await aCountedBusiness();
  const places = await Promise.all(Array.from({ length: 300 }, () => business.reserve()));
  await expect(business.reserve()).rejects.toMatchObject({ code: 'too-many-requests' });
  await Promise.all(places.map((place) => accounts.usage.release(place)));
  expect(await business.read()).toMatchObject({ messages: 0, open: 0, day: { messages: 0 } });
});

test('settling twice is settling once, also after giving back', async () => {
  const business = await aCountedBusiness();
  const place = await business.reserve();
  const used = { model: 'gpt-6-luna', consumption: { ...noConsumption, inputTokens: 7 }, isAnswered: true };
  await Promise.all([accounts.usage.settle(place, used), accounts.usage.settle(place, used)]);
  await accounts.usage.release(place);
  expect(await business.read()).toMatchObject({ messages: 1, tokens: 7, open: 0 });
});

test('cost is reckoned by model; one without a price is told apart', async () => {
  const business = await aCountedBusiness();
  const consumption = { inputTokens: 1000, cachedTokens: 400, outputTokens: 100, searches: 1 };
  const [known, unknown] = [await business.reserve(), await business.reserve()];
  await accounts.usage.settle(known, { model: 'gpt-6-luna', consumption, isAnswered: true });
  await accounts.usage.settle(unknown, { model: 'of-our-own', consumption, isAnswered: true });
  // 600 fresh at 0.1, 400 cached at 0.01 and 100 written at 0.5 dollars a million, one search at a quarter of a cent.
  expect((await business.read()).found).toMatchObject({ costMicroUsd: 60 + 4 + 50 + 2500, unpricedTokens: 1100 });
});

describe('whatever happens to turns, in any order', () => {
  test('the counters equal what was settled', async () => {
    const step = fc.record({
      tokens: fc.nat(500),
      end: fc.constantFrom('answered', 'silent', 'given back', 'running'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const business = await aCountedBusiness();
        await Promise.all(
          steps.map(async ({ tokens, end }) => {
            const place = await business.reserve();
            if (end === 'running') return;
            if (end === 'given back') return accounts.usage.release(place);
            const used = { model: 'm', consumption: { ...noConsumption, outputTokens: tokens } };
            return accounts.usage.settle(place, { ...used, isAnswered: end === 'answered' });
          }),
        );
        const ofEnd = (...ends: string[]) => steps.filter(({ end }) => ends.includes(end));
        expect(await business.read()).toMatchObject({
          messages: ofEnd('answered', 'running').length,
          tokens: ofEnd('answered', 'silent').reduce((sum, { tokens }) => sum + tokens, 0),
          open: ofEnd('running').length,
        });
      }),
      { numRuns: 20 },
    );
  });

  test('no update is lost over thousands of turns, 50 at a time', async () => {
    const business = await aCountedBusiness();
    let begun = 0;
    async function visitors(): Promise<void> {
      while (begun < TURNS) {
        begun += 1;
        const place = await business.reserve();
        const consumption = { ...noConsumption, inputTokens: 2, outputTokens: 1 };
        await accounts.usage.settle(place, { model: 'gpt-6-luna', consumption, isAnswered: true });
      }
    }
    await Promise.all(Array.from({ length: 50 }, visitors));
    expect(await business.read()).toMatchObject({
      messages: TURNS,
      tokens: 3 * TURNS,
      open: 0,
      day: { messages: TURNS, tokens: 3 * TURNS },
    });
  }, 60_000);
});
