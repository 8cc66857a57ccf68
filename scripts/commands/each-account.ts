import type { Account } from '../../src/accounts/account.model.ts';
import type { AccountService } from '../../src/accounts/account.service.ts';

/** All businesses, page by page, in the order they were made. */
export async function* eachAccount(accounts: AccountService): AsyncGenerator<Account> {
  let after: string | undefined;
  do {
    const page = await accounts.list({ after, limit: 100 });
    yield* page;
    after = page.at(-1)?._id;
  } while (after !== undefined);
}
