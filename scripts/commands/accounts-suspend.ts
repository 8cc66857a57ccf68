import type { RunCommand } from './command.ts';
import { getAccount } from './find-account.ts';
import { recordChange } from './record-change.ts';

/** `accounts suspend`: its people can read and export, and nothing else. */
export const suspendCommand = setStatus('accounts suspend', 'suspended');

/** `accounts resume` */
export const resumeCommand = setStatus('accounts resume', 'active');

function setStatus(action: string, status: 'active' | 'suspended'): RunCommand<{ account: string }> {
  return async ({ account: slug }, context) => {
    const { service, isJson, print } = context;
    const { _id } = await getAccount(slug, context);
    const account = await service.accounts.administer(_id, { status });
    await recordChange(context, { action, accountId: _id, fields: ['status'] });
    print(isJson ? JSON.stringify({ slug, status: account.status }) : `${slug} is ${account.status}`);
    return 0;
  };
}
