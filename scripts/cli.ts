import { Command } from 'commander';
import { ConfigError, readConfig } from '../src/config.ts';
import { AppError } from '../src/platform/errors.ts';
import { createAccountCommand } from './commands/accounts-create.ts';
import { deleteAccountCommand } from './commands/accounts-delete.ts';
import { listAccountsCommand } from './commands/accounts-list.ts';
import { resumeCommand, suspendCommand } from './commands/accounts-suspend.ts';
import { backUpData, restoreData } from './commands/backup.ts';
import { chatCommand } from './commands/chat.ts';
import { evalCommand, type EvalOptions } from './commands/eval.ts';
import { listCommand } from './commands/assistants-list.ts';
import { showAssistantCommand } from './commands/assistants-show.ts';
import { showContextCommand } from './commands/context-show.ts';
import { seedCommand } from './commands/seed.ts';
import { syncCommand } from './commands/assistants-sync.ts';
import { rotateJwtCommand } from './commands/jwt-rotate.ts';
import { createKeyCommand } from './commands/keys-create.ts';
import { listKeysCommand } from './commands/keys-list.ts';
import { revokeKeyCommand } from './commands/keys-revoke.ts';
import { rotateKeyCommand } from './commands/keys-rotate.ts';
import { logOutCommand } from './commands/users-log-out.ts';
import { makeOperatorCommand } from './commands/users-make-operator.ts';
import { setLimitsCommand } from './commands/limits-set.ts';
import { type CliContext, type RunCommand, UsageError } from './commands/command.ts';

/** Runs `npm run cli -- …`. @returns the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('cli')
    .description('Operate ChatBusiness from the command line')
    .exitOverride()
    .showHelpAfterError();
  const act: Act = (run) => async (options) => {
    exitCode = await withService(options.json === true, (context) => run(options, context));
  };
  addAssistantCommands(program, act);
  addBusinessCommands(program, act);
  addAccountCommands(program, act);
  addPeopleCommands(program, act);
  addKeyCommands(program, act);
  addBackupCommands(program);
  addEvalCommand(program, (code) => (exitCode = code));

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportFailure(error);
  }
}

/** Makes of a command what is run for it, with a service that is closed afterwards. */
type Act = <Options extends object>(run: RunCommand<Options>) => (options: Options & { json?: true }) => Promise<void>;

function addAssistantCommands(program: Command, act: Act): void {
  const assistants = program.command('assistants').description('assistants and their context');
  assistants
    .command('list')
    .description('every business, its assistant and whether its context is up to date')
    .option('--json', 'print JSON')
    .action(act(listCommand));
  assistants
    .command('sync')
    .description('bring what visitors are answered from in step with the data')
    .option('--account <slug>', 'this business')
    .option('--all', 'every business')
    .option('--dry-run', 'print what would be done, change nothing')
    .option('--json', 'print JSON')
    .action(act(syncCommand));
  assistants
    .command('show')
    .description('the assistant of a business as it answers now')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action(act(showAssistantCommand));
}

function addBusinessCommands(program: Command, act: Act): void {
  program
    .command('context')
    .description('what visitors are answered from')
    .command('show')
    .description('the context files of a business, or the text of one')
    .argument('[file]')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action((file: string | undefined, options: { account: string; json?: true }) =>
      act<typeof options>((given, context) => showContextCommand({ ...given, file }, context))(options),
    );
  program
    .command('seed')
    .description('make the demo businesses')
    .option('--json', 'print JSON')
    .action(act(seedCommand));
  program
    .command('chat')
    .description('ask an assistant, as a visitor would: one question, or a conversation')
    .argument('[question]')
    .requiredOption('--account <slug>', 'the business')
    .option('--json', 'print JSON')
    .action((question: string | undefined, options: { account: string; json?: true }) =>
      act<typeof options>((given, context) => chatCommand({ ...given, question }, context))(options),
    );
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

/** These need no service: it may be running, or must not. */
function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .description('copy everything that the data folder holds, also while the service runs')
    .argument('<folder>', 'where to')
    .action((folder: string) => {
      const { isOfOneMoment } = backUpData(readConfig(), folder);
      if (!isOfOneMoment)
        process.stderr.write('warning: it was written to all the time; sync the assistants after a restore\n');
      print(`backed up to ${folder}`);
    });
  program
    .command('restore')
    .description('make the data folder of a backup; the service must not be running')
    .argument('<folder>', 'the backup')
    .action((folder: string) => {
      const config = readConfig();
      restoreData(config, folder);
      print(`restored to ${config.dataDir}`);
    });
}

/** It brings a service of its own. */
function addEvalCommand(program: Command, exit: (code: number) => void): void {
  program
    .command('eval')
    .description('ask the demo businesses their questions, or those of a FAQ set, and tell how many answers are right')
    .option('--businesses <folder>', 'other businesses, with their questions.json')
    .option('--set <file>', 'the questions of this FAQ set instead')
    .option('--out-of-scope <file>', 'with --set: questions that are to be declined')
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: EvalOptions & { json?: true }) => {
      exit(await untilInterrupted((signal) => evalCommand(options, { isJson: json === true, signal, print })));
    });
}

function withService(isJson: boolean, run: (context: CliContext) => Promise<number>): Promise<number> {
  return untilInterrupted(async (signal) => {
    const config = readConfig();
    // Loaded only now, so that help and complaints come at once.
    const { build } = await import('../src/main.ts');
    await using service = await build(config);
    return await run({ service, isJson, signal, print });
  });
}

async function untilInterrupted(run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  try {
    return await run(interrupted.signal);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function reportFailure(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2; // it has printed help or its complaint
  const isMisuse = error instanceof UsageError || error instanceof ConfigError;
  const text = error instanceof AppError ? error.detail : Error.isError(error) ? error.message : String(error);
  process.stderr.write(`error: ${text}\n`);
  return isMisuse ? 2 : 1;
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return Error.isError(error) && 'code' in error && String(error.code).startsWith('commander.');
}

if (import.meta.main) process.exitCode = await runCli(process.argv.slice(2));
