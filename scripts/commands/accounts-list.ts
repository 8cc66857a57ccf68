import type { RunCommand } from './command.ts';
import { eachAccount } from './each-account.ts';
import { drawTable } from './table.ts';

/** `accounts list` */
export const listAccountsCommand: RunCommand<object> = async (_options, { service, isJson, print }) => {
  const accounts = [];
  for await (const { _id: id, slug, name, status, plan, billing, createdAt } of eachAccount(service.accounts)) {
    accounts.push({ id, slug, name, status, plan, billing, createdAt: createdAt.toISOString() });
  }
  if (isJson) {
    print(JSON.stringify({ accounts }));
    return 0;
  }
  const head = ['Business', 'Name', 'State', 'Plan', 'Billing', 'Since'];
  const rows = accounts.map((account) => [
    account.slug,
    account.name,
    account.status,
    account.plan,
    account.billing,
    account.createdAt.slice(0, 10),
  ]);
  print(rows.length === 0 ? 'There are no businesses yet.' : drawTable(head, rows));
  return 0;
};
