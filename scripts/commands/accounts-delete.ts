import type { Erasure } from '../../src/accounts/erasure.model.ts';
import { type RunCommand, UsageError } from './command.ts';
import { getAccount } from './find-account.ts';
import { startBar } from './progress-bar.ts';
import { recordChange } from './record-change.ts';
import { drawTable } from './table.ts';

/** `accounts delete`: to its end. Broken off, the service goes on with it, and so does the same command. */
export const deleteAccountCommand: RunCommand<{ account: string; yes?: true }> = async (options, context) => {
  const { service, isJson, signal, print } = context;
  const account = await getAccount(options.account, context);
  if (options.yes === undefined) {
    throw new UsageError(`this deletes ${account.name} with all its conversations, for good; say --yes if you mean it`);
  }
  const erasure = await service.erasures.request(account, { actorId: 'cli' });
  await recordChange(context, { action: 'accounts delete', accountId: account._id });
  const bar = startBar(account.slug, { isJson, unit: 'parts' });
  try {
    const report = await service.erasures.run(erasure, { signal, onProgress: bar.show });
    bar.end('deleted');
    print(isJson ? JSON.stringify(viewOf(report)) : tableOf(report));
    return 0;
  } catch (error) {
    bar.end('not deleted to its end; the service goes on with it');
    throw error;
  }
};

function viewOf({ _id: id, slug, requestedAt, finishedAt, counts }: Erasure) {
  return { id, slug, requestedAt, finishedAt, counts };
}

function tableOf({ counts }: Erasure): string {
  const rows = Object.entries(counts).flatMap(([owner, kinds]) =>
    Object.entries(kinds).map(([kind, count]) => [owner, kind, count]),
  );
  return drawTable(['Part', 'What', 'Deleted'], rows);
}
