import type { CommunicationService } from '../src/communication/communication.service.ts';
import type { JobDefinition } from '../src/platform/queue.ts';

/** Looks every five seconds which visitors want a person and tells their businesses. */
export const deliverHandoffs: JobDefinition<{ communication: CommunicationService }> = {
  name: 'deliver-handoffs',
  everyMs: 5000,
  lockLifetimeMs: 60_000,
  run: ({ communication }, signal) => communication.deliverHandoffs(signal),
};
