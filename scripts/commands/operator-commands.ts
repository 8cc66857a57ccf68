import type { Command } from 'commander';
import { createAccountCommand } from './accounts-create.ts';
import { deleteAccountCommand } from './accounts-delete.ts';
import { listAccountsCommand } from './accounts-list.ts';
import { resumeCommand, suspendCommand } from './accounts-suspend.ts';
import { rotateJwtCommand } from './jwt-rotate.ts';
import { createKeyCommand } from './keys-create.ts';
import { listKeysCommand } from './keys-list.ts';
import { revokeKeyCommand } from './keys-revoke.ts';
import { rotateKeyCommand } from './keys-rotate.ts';
import { logOutCommand } from './users-log-out.ts';
import { makeOperatorCommand } from './users-make-operator.ts';
import { setLimitsCommand } from './limits-set.ts';
import type { Act } from './command.ts';

/** What operators do with businesses, their keys and people. */
export function addOperatorCommands(program: Command, act: Act): void {
  addAccountCommands(program, act);
  addPeopleCommands(program, act);
  addKeyCommands(program, act);
}

function addAccountCommands(program: Command, act: Act): void {
  const accounts = program.command('accounts').description('the businesses');
  accounts
    .command('create')
    .description('a new business')
    .requiredOption('--name <name>', 'what it is called')
    .option('--slug <slug>', 'its short name; made from the name unless given')
    .option('--timezone <zone>', 'such as America/Los_Angeles; UTC unless given')
    .option('--email <address>', 'where it is reached')
    .option('--json', 'print JSON')
    .action(act(createAccountCommand));
  accounts
    .command('list')
    .description('every business, its state and plan')
    .option('--json', 'print JSON')
    .action(act(listAccountsCommand));
  accounts
    .command('suspend')
    .description('let a business read and export, and nothing else')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action(act(suspendCommand));
  accounts
    .command('resume')
    .description('let a suspended business work again')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action(act(resumeCommand));
  accounts
    .command('delete')
    .description('delete a business and all that is kept of it, for good')
    .requiredOption('--account <slug>', 'the business')
    .option('--yes', 'yes, delete it')
    .option('--json', 'print JSON')
    .action(act(deleteAccountCommand));
  program
    .command('limits')
    .description('what a business may use')
    .command('set')
    .description('set limits (a number, or none), plan or billing state; what is not named stays')
    .requiredOption('--account <slug>', 'the business')
    .option('--messages-per-month <n>', 'answers in a month')
    .option('--messages-per-day <n>', 'answers in a day')
    .option('--messages-per-visitor-hour <n>', 'answers of one visitor in an hour')
    .option('--tokens-per-month <n>', 'tokens in a month')
    .option('--at-limit <what>', '`refuse` or `notify`')
    .option('--plan <plan>', 'a plan of fixtures/plans.json')
    .option('--billing <state>', '`active`, `grace` or `read-only`')
    .option('--json', 'print JSON')
    .action(act(setLimitsCommand));
}

function addPeopleCommands(program: Command, act: Act): void {
  const users = program.command('users').description('people');
  users
    .command('make-operator')
    .description('let somebody run this service')
    .requiredOption('--email <address>', 'the person')
    .option('--revoke', 'no longer')
    .option('--json', 'print JSON')
    .action(act(makeOperatorCommand));
  users
    .command('log-out')
    .description('end all sessions of a person, or of everybody')
    .option('--email <address>', 'the person')
    .option('--all', 'everybody')
    .option('--json', 'print JSON')
    .action(act(logOutCommand));
  program
    .command('jwt')
    .description('the keys that sign sessions')
    .command('rotate')
    .description('sign by a new key from now on; nobody is logged out')
    .option('--json', 'print JSON')
    .action(act(rotateJwtCommand));
}

function addKeyCommands(program: Command, act: Act): void {
  const keys = program.command('keys').description('the API keys of a business');
  keys
    .command('create')
    .description('a new key; its secret is printed once')
    .requiredOption('--account <slug>', 'the business')
    .requiredOption('--kind <kind>', '`publishable` for web pages, `secret` for programs')
    .requiredOption('--name <name>', 'what people call it')
    .option('--host <host>', 'a host whose pages may use it; again for more', addTo, [])
    .option('--scope <scope>', 'what it may do; again for more', addTo, [])
    .option('--expires <date>', 'when it ends, such as 2027-12-31')
    .option('--json', 'print JSON')
    .action(act(createKeyCommand));
  keys
    .command('list')
    .description('the keys of a business')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action(act(listKeysCommand));
  keys
    .command('revoke')
    .description('end a key')
    .argument('<id>')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action((id: string, options: { account: string; json?: true }) =>
      act<typeof options>((given, context) => revokeKeyCommand({ ...given, id }, context))(options),
    );
  keys
    .command('rotate')
    .description('a new secret for a key; the one before is good for a while')
    .argument('<id>')
    .requiredOption('--account <slug>', 'the business')
    .option('--overlap-hours <hours>', 'for how long: 0 to 168, or 24')
    .option('--json', 'print JSON')
    .action((id: string, options: { account: string; overlapHours?: string; json?: true }) =>
      act<typeof options>((given, context) => rotateKeyCommand({ ...given, id }, context))(options),
    );
}

/** Gathers an option that is given several times. */
function addTo(value: string, before: string[]): string[] {
  return [...before, value];
}
