import { RotateInput, viewOf } from '../../src/auth/api-key.schema.ts';
import { type RunCommand, UsageError } from './command.ts';
import { getAccount } from './find-account.ts';
import { recordChange } from './record-change.ts';

interface RotateOptions {
  readonly id: string;
  readonly account: string;
  readonly overlapHours?: string;
}

/** `keys rotate`: prints the new secret; the one before is good for a while. */
export const rotateKeyCommand: RunCommand<RotateOptions> = async ({ id, account, overlapHours }, context) => {
  const { service, isJson, print } = context;
  const parsed = RotateInput.safeParse(overlapHours === undefined ? {} : { overlapHours: Number(overlapHours) });
  if (!parsed.success) throw new UsageError('--overlap-hours: must be a number from 0 to 168');
  const { _id: accountId } = await getAccount(account, context);
  const { key, record } = await service.auth.keys.rotate(accountId, id, parsed.data.overlapHours);
  await recordChange(context, { action: 'keys rotate', accountId, target: { id } });
  print(isJson ? JSON.stringify({ ...viewOf(record, service.platform.clock.now()), key }) : key);
  return 0;
};
