import type { Clock } from './clock.ts';
import type { Lease, Leases } from './lease.ts';

const LEASE_MS = 60_000;
const RENEW_MS = 15_000;

/**
 * Does a named piece of work while no other process does it; undefined if one does. The signal is aborted when `signal` is, or
 * when the lease was lost; what is done then must be harmless if another process does it too.
 */
export async function withLease<Result>(
  { leases, clock }: { leases: Leases; clock: Clock },
  name: string,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const lease = await leases.take(name, LEASE_MS);
  if (lease === undefined) return undefined;
  const lost = new AbortController();
  const ended = new AbortController();
  const keeping = keep(leases, clock, lease, ended.signal).catch((error: unknown) => lost.abort(error));
  try {
    return await run(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended.abort();
    await keeping;
    await leases.release(lease);
  }
}

async function keep(leases: Leases, clock: Clock, lease: Lease, ended: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await clock.wait(RENEW_MS, ended);
    } catch {
      return;
    }
    if (!(await leases.renew(lease, LEASE_MS))) throw new Error(`${lease.name} was taken over`);
  }
}
