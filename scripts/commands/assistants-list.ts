import Table from 'cli-table3';
import type { RunCommand } from './command.ts';
import { eachAccount } from './each-account.ts';

/** `assistants list` */
export const listCommand: RunCommand<object> = async (_options, { service, isJson, print }) => {
  const rows = [];
  for await (const account of eachAccount(service.accounts)) {
    const assistant = await service.assistants.findCurrent(account._id);
    rows.push({
      slug: account.slug,
      name: account.name,
      assistantVersion: assistant?.version ?? null,
      model: assistant?.model ?? null,
      contextVersion: account.contextVersion,
      upToDate: account.syncedSeq === account.changeSeq,
    });
  }
  if (isJson) {
    print(JSON.stringify({ assistants: rows }));
    return 0;
  }
  const table = new Table({ head: ['Business', 'Name', 'Assistant', 'Model', 'Context', 'Up to date'] });
  for (const row of rows) {
    const version = row.assistantVersion === null ? 'none yet' : `version ${row.assistantVersion}`;
    table.push([
      row.slug,
      row.name,
      version,
      row.model ?? '',
      `version ${row.contextVersion}`,
      row.upToDate ? 'yes' : 'no',
    ]);
  }
  print(rows.length === 0 ? 'There are no businesses yet.' : table.toString());
  return 0;
};
