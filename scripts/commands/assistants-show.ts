import type { RunCommand } from './command.ts';
import { getAccount } from './find-account.ts';

/** `assistants show --account slug`: the assistant as it answers now. */
export const showAssistantCommand: RunCommand<{ account: string }> = async ({ account }, context) => {
  const { _id: accountId } = await getAccount(account, context);
  const { version, model, upstream, vectorStoreId, maxOutputTokens, instructions } =
    await context.service.assistants.getCurrent(accountId);
  const shown = { version, model, server: upstream, vectorStoreId, maxOutputTokens };
  if (context.isJson) context.print(JSON.stringify({ ...shown, instructions }));
  else {
    for (const [name, value] of Object.entries(shown)) context.print(`${name.padEnd(16)} ${value}`);
    context.print(`\n${instructions.trimEnd()}`);
  }
  return 0;
};
