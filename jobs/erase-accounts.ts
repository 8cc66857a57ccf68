import type { Erasures } from '../src/accounts/erasure.ts';
import type { JobDefinition } from '../src/platform/queue.ts';

/** Looks every five seconds which businesses are to be erased and goes on with it. */
export const eraseAccounts: JobDefinition<{ erasures: Erasures }> = {
  name: 'erase-accounts',
  everyMs: 5000,
  lockLifetimeMs: 60_000,
  run: ({ erasures }, signal) => erasures.runDue(signal),
};
