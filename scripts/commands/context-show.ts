import type { RunCommand } from './command.ts';
import { getAccount } from './find-account.ts';
import { drawTable } from './table.ts';

/** `context show [file] --account slug`: the context files, or the text of one as visitors are answered from it. */
export const showContextCommand: RunCommand<{ file?: string | undefined; account: string }> = async (
  options,
  context,
) => {
  const { service, isJson, print } = context;
  const { _id: accountId } = await getAccount(options.account, context);
  if (options.file !== undefined) {
    const text = await service.context.readFile(accountId, options.file);
    print(isJson ? JSON.stringify({ name: options.file, text }) : text.trimEnd());
    return 0;
  }
  const files = (await service.context.listFiles(accountId)).map(({ name, kind, live, next, failed }) => ({
    name,
    kind,
    bytes: live?.bytes ?? null,
    since: live?.since.toISOString() ?? null,
    state: failed?.reason ?? (next === null ? 'live' : 'being updated'),
  }));
  const rows = files.map(({ name, kind, bytes, since, state }) => [name, kind, bytes ?? '', since ?? '', state]);
  print(isJson ? JSON.stringify({ files }) : drawTable(['File', 'Kind', 'Bytes', 'Live since', 'State'], rows));
  return 0;
};
