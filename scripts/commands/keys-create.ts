import { NewKeyInput, viewOf } from '../../src/auth/api-key.schema.ts';
import { invalidInput } from '../../src/platform/problem-json.ts';
import { type RunCommand, UsageError } from './command.ts';
import { getAccount } from './find-account.ts';
import { recordChange } from './record-change.ts';

interface CreateOptions {
  readonly account: string;
  readonly kind: string;
  readonly name: string;
  readonly host: string[];
  readonly scope: string[];
  readonly expires?: string;
}

/** `keys create`: the secret is printed here and nowhere else. */
export const createKeyCommand: RunCommand<CreateOptions> = async (options, context) => {
  const { service, isJson, print } = context;
  const { kind, name, host: hosts, scope: scopes, expires } = options;
  const parsed = NewKeyInput.safeParse({ kind, name, hosts, scopes, expiresAt: readDate(expires) });
  if (!parsed.success) throw new UsageError(invalidInput(parsed.error).detail);
  const { _id: accountId } = await getAccount(options.account, context);
  const { key, record } = await service.auth.keys.create(accountId, parsed.data);
  await recordChange(context, { action: 'keys create', accountId, target: { id: record._id } });
  print(isJson ? JSON.stringify({ ...viewOf(record, service.platform.clock.now()), key }) : key);
  return 0;
};

function readDate(text: string | undefined): string | null {
  if (text === undefined) return null;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new UsageError(`--expires: ${text} is not a date such as 2027-12-31`);
  return date.toISOString();
}
