import { viewOf } from '../../src/auth/api-key.schema.ts';
import type { RunCommand } from './command.ts';
import { getAccount } from './find-account.ts';
import { drawTable } from './table.ts';

/** `keys list`: without their secrets. */
export const listKeysCommand: RunCommand<{ account: string }> = async (options, context) => {
  const { service, isJson, print } = context;
  const { _id: accountId } = await getAccount(options.account, context);
  const now = service.platform.clock.now();
  const keys = (await service.auth.keys.list(accountId)).map((key) => viewOf(key, now));
  if (isJson) {
    print(JSON.stringify({ keys }));
    return 0;
  }
  const head = ['Id', 'Kind', 'Name', 'Begins with', 'Hosts or scopes', 'Last used', 'Expires'];
  const lines = keys.map((key) => [
    key.id,
    key.kind,
    key.name,
    key.prefix,
    [...key.hosts, ...key.scopes].join('\n'),
    key.lastUsedAt ?? 'never',
    key.expiresAt ?? 'never',
  ]);
  print(keys.length === 0 ? 'This business has no keys yet.' : drawTable(head, lines));
  return 0;
};
