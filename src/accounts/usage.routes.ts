import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AccountService } from './account.service.ts';
import { localDate, resetOf } from './usage.ts';
import type { UsageCounts } from './usage.model.ts';
import { limitsOf, usedOf } from './usage-limits.ts';

const count = z.int();

const Counts = z.strictObject({
  messages: count.describe('Answers that visitors got; one that runs counts already'),
  tokens: count,
  costMicroUsd: count.describe('In millionths of a US dollar'),
  unpricedTokens: count.describe('Tokens of models that have no price: they cost something that is not in the cost'),
});

const UsageView = z
  .strictObject({
    month: z.string(),
    timezone: z.string(),
    ...Counts.shape,
    days: z.array(Counts.extend({ date: z.iso.date() })),
    limits: z.array(
      z.strictObject({
        name: z.enum(['messagesPerMonth', 'messagesPerDay', 'tokensPerMonth']),
        limit: count,
        used: count,
        setBy: z.enum(['business', 'plan']),
        atLimit: z.enum(['refuse', 'notify']),
        resetsAt: z.iso.datetime(),
      }),
    ),
    alerts: z.array(z.strictObject({ name: z.string(), at: z.iso.datetime() })),
  })
  .meta({ id: 'Usage' });

const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11');

export function usageRoutes(route: RouteBuilder, accounts: AccountService, clock: Clock): void {
  route(
    {
      method: 'get',
      path: '/v1/account/usage',
      summary: 'What this month (or another) used, the limits, and when they begin anew',
      access: { by: 'business', scope: 'usage:read' },
      query: z.object({ month: Month.optional() }),
      answers: { 200: UsageView },
    },
    async ({ accountId, query }) => {
      const standing = await accounts.getStanding(accountId);
      const { timezone } = standing;
      const now = clock.now();
      const today = localDate(timezone, now);
      const month = query.month ?? today.slice(0, 7);
      const usage = await accounts.usage.get(accountId, month);
      const day = month === today.slice(0, 7) ? String(Number(today.slice(8))) : '';
      const used = { messages: 0, tokens: 0, days: {}, ...usage };
      const body: z.infer<typeof UsageView> = {
        month,
        timezone,
        ...countsOf(usage),
        days: Object.entries(usage?.days ?? {}).map(([name, counts]) => ({
          date: `${month}-${name.padStart(2, '0')}`,
          ...countsOf(counts),
        })),
        limits: limitsOf(standing).map(({ name, limit, setBy, refuses }) => ({
          name,
          limit,
          used: usedOf(used, name, day),
          setBy,
          atLimit: refuses ? 'refuse' : 'notify',
          resetsAt: resetOf(timezone, now, name === 'messagesPerDay' ? 'day' : 'month').toISOString(),
        })),
        alerts: Object.entries(usage?.alerts ?? {}).map(([name, at]) => ({ name, at: at.toISOString() })),
      };
      return { status: 200, body };
    },
  );
}

function countsOf(counts: Partial<UsageCounts> | undefined): UsageCounts {
  const { messages = 0, tokens = 0, costMicroUsd = 0, unpricedTokens = 0 } = counts ?? {};
  return { messages, tokens, costMicroUsd, unpricedTokens };
}
