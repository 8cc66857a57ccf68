import type { Account } from '../../src/accounts/account.model.ts';
import { AppError } from '../../src/platform/errors.ts';
import type { CliContext } from './command.ts';

/** The business of that slug. @throws AppError `not-found`. */
export async function getAccount(slug: string, { service }: CliContext): Promise<Account> {
  const account = await service.accounts.findBySlug(slug);
  if (account === undefined) throw new AppError('not-found', `there is no business ${slug}`);
  return account;
}
