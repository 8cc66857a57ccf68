import { z } from 'zod';
import { Slug } from '../../src/accounts/account.schema.ts';
import { OpeningHours } from '../../src/accounts/opening-hours.schema.ts';
import { createStartingAccount } from '../../src/accounts/starting-account.ts';
import { lineField } from '../../src/platform/clean-text.ts';
import { invalidInput } from '../../src/platform/problem-json.ts';
import { type RunCommand, UsageError } from './command.ts';
import { recordChange } from './record-change.ts';

const NewBusiness = z.strictObject({
  name: lineField(120),
  slug: Slug.optional(),
  timezone: OpeningHours.shape.timezone.optional(),
  email: z.email().max(254).optional(),
});

interface CreateOptions {
  readonly name: string;
  readonly slug?: string;
  readonly timezone?: string;
  readonly email?: string;
}

/** `accounts create`: a business that has told its name; the rest is its owner's to write down. */
export const createAccountCommand: RunCommand<CreateOptions> = async (options, context) => {
  const { service, isJson, print } = context;
  const { name, slug, timezone, email } = options;
  const parsed = NewBusiness.safeParse({ name, slug, timezone, email });
  if (!parsed.success) throw new UsageError(`--${invalidInput(parsed.error).detail}`);
  const account = await createStartingAccount(service.accounts, parsed.data);
  await recordChange(context, { action: 'accounts create', accountId: account._id, fields: Object.keys(parsed.data) });
  const made = { id: account._id, slug: account.slug, name: account.name };
  print(isJson ? JSON.stringify(made) : `${made.name} is ${made.slug} (${made.id})`);
  return 0;
};
