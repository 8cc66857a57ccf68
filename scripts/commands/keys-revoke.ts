import type { RunCommand } from './command.ts';
import { getAccount } from './find-account.ts';
import { recordChange } from './record-change.ts';

/** `keys revoke`: a service that runs refuses the key within 5 seconds. */
export const revokeKeyCommand: RunCommand<{ id: string; account: string }> = async ({ id, account }, context) => {
  const { service, isJson, print } = context;
  const { _id: accountId } = await getAccount(account, context);
  await service.auth.keys.remove(accountId, id);
  await recordChange(context, { action: 'keys revoke', accountId, target: { id } });
  print(isJson ? JSON.stringify({ id, revoked: true }) : `${id} is revoked`);
  return 0;
};
