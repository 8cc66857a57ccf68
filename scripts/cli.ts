import { Command } from 'commander';
import { ConfigError, readConfig } from '../src/config.ts';
import { AppError } from '../src/platform/errors.ts';
import { backUpData, restoreData } from './commands/backup.ts';
import { chatCommand } from './commands/chat.ts';
import { evalCommand, type EvalOptions } from './commands/eval.ts';
import { listCommand } from './commands/assistants-list.ts';
import { showAssistantCommand } from './commands/assistants-show.ts';
import { showContextCommand } from './commands/context-show.ts';
import { seedCommand } from './commands/seed.ts';
import { syncCommand } from './commands/assistants-sync.ts';
import { type Act, type CliContext, UsageError } from './commands/command.ts';
import { addOperatorCommands } from './commands/operator-commands.ts';

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
  addOperatorCommands(program, act);
  addBackupCommands(program);
  addEvalCommand(program, (code) => (exitCode = code));

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportFailure(error);
  }
}

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
