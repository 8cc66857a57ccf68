import type { Service } from '../../src/services.ts';

/** What a command works with: the service, and how it prints. Results go to stdout, progress to stderr. */
export interface CliContext {
  readonly service: Service;
  readonly isJson: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  print(text: string): void;
}

/** A command answers its exit code: 0 done, 1 failed. Misuse is 2. */
export type RunCommand<Options> = (options: Options, context: CliContext) => Promise<number>;

/** Makes of a command what is run for it, with a service that is closed afterwards. */
export type Act = <Options extends object>(
  run: RunCommand<Options>,
) => (options: Options & { json?: true }) => Promise<void>;

/** The command was called in a way that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
