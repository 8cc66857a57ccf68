import type { CliContext } from './command.ts';

/** Writes into the audit log what an operator changed by the command line. */
export async function recordChange(
  { service }: CliContext,
  change: {
    readonly action: string;
    readonly accountId: string | null;
    readonly target?: Record<string, string>;
    readonly fields?: string[];
  },
): Promise<void> {
  await service.auditLog.record({
    target: {},
    fields: [],
    ...change,
    actorId: 'cli',
    actorKind: 'cli',
    address: null,
    requestId: null,
  });
}
