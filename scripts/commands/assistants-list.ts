import type { RunCommand } from './command.ts';
import { eachAccount } from './each-account.ts';
import { drawTable } from './table.ts';

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
  const head = ['Business', 'Name', 'Assistant', 'Model', 'Context', 'Up to date'];
  const lines = rows.map((row) => [
    row.slug,
    row.name,
    row.assistantVersion === null ? 'none yet' : `version ${row.assistantVersion}`,
    row.model ?? '',
    `version ${row.contextVersion}`,
    row.upToDate ? 'yes' : 'no',
  ]);
  print(rows.length === 0 ? 'There are no businesses yet.' : drawTable(head, lines));
  return 0;
};
