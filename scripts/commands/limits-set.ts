import { AccountAdministration } from '../../src/accounts/account.schema.ts';
import { limitsOfPlan } from '../../src/accounts/plans.ts';
import { invalidInput } from '../../src/platform/problem-json.ts';
import { type RunCommand, UsageError } from './command.ts';
import { getAccount } from './find-account.ts';
import { recordChange } from './record-change.ts';

interface LimitsOptions {
  readonly account: string;
  readonly messagesPerMonth?: string;
  readonly messagesPerDay?: string;
  readonly messagesPerVisitorHour?: string;
  readonly tokensPerMonth?: string;
  readonly atLimit?: string;
  readonly plan?: string;
  readonly billing?: string;
}

/** `limits set`: what a business may use, and its plan and billing state. What isn't named stays. */
export const setLimitsCommand: RunCommand<LimitsOptions> = async (options, context) => {
  const { service, isJson, print } = context;
  const change = readChange(options);
  const { _id, slug } = await getAccount(options.account, context);
  const { limits, plan, billing } = await service.accounts.administer(_id, change);
  await recordChange(context, { action: 'limits set', accountId: _id, fields: Object.keys(change) });
  const now = { slug, plan, billing, limits, planLimits: limitsOfPlan(plan) };
  print(isJson ? JSON.stringify(now) : JSON.stringify(now, null, 2));
  return 0;
};

function readChange(options: LimitsOptions): AccountAdministration {
  const { messagesPerMonth, messagesPerDay, messagesPerVisitorHour, tokensPerMonth, atLimit, plan, billing } = options;
  const numbers = { messagesPerMonth, messagesPerDay, messagesPerVisitorHour, tokensPerMonth };
  const limits = {
    ...Object.fromEntries(
      Object.entries(numbers).flatMap(([name, text]) => (text === undefined ? [] : [[name, readLimit(text)]])),
    ),
    ...(atLimit === undefined ? {} : { atLimit }),
  };
  const given = {
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(plan === undefined ? {} : { plan }),
    ...(billing === undefined ? {} : { billing }),
  };
  if (Object.keys(given).length === 0) throw new UsageError('say what to set, such as --messages-per-month 1000');
  const parsed = AccountAdministration.safeParse(given);
  if (!parsed.success) throw new UsageError(invalidInput(parsed.error).detail);
  return parsed.data;
}

function readLimit(text: string): number | null {
  return text === 'none' ? null : Number(text);
}
