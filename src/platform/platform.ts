import path from 'node:path';
import type { Connection } from 'mongoose';
import type { Config } from '../config.ts';
import type { Clock } from './clock.ts';
import type { NewId } from './ids.ts';
import type { Leases } from './lease.ts';
import type { Logger } from './logger.ts';
import type { ObjectStore } from './object-store.ts';
import type { Upstream } from './openai-client.ts';
import type { Outbox } from './outbox.ts';
import type { Hasher } from './server-secret.ts';

/** What every feature stands on; it knows no feature. */
export interface Platform {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  readonly connection: Connection;
  readonly objects: ObjectStore;
  readonly upstream: Upstream;
  readonly outbox: Outbox;
  readonly hasher: Hasher;
  readonly leases: Leases;
  /** Names this process, in leases. */
  readonly processId: string;
  /** Names this installation among others that use the same OpenAI project. */
  readonly installation: string;
}

export const projectRoot = path.join(import.meta.dirname, '..', '..');
