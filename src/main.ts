import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connectEmbeddedMongo } from '@chatbusiness/embedded-mongo';
import { openEngine } from '@chatbusiness/embedded-openai';
import { applyRetention } from '../jobs/apply-retention.ts';
import { deliverHandoffs } from '../jobs/deliver-handoffs.ts';
import { eraseAccounts } from '../jobs/erase-accounts.ts';
import { moveAssistants } from '../jobs/move-assistants.ts';
import { sweepTurns } from '../jobs/sweep-turns.ts';
import { syncContext } from '../jobs/sync-context.ts';
import { createAccountData } from './accounts/account-data.ts';
import { createAccountService } from './accounts/account.service.ts';
import { createErasures } from './accounts/erasure.ts';
import { createApp } from './app.ts';
import { createAssistantData } from './assistants/assistant-data.ts';
import { createAssistantService } from './assistants/assistant.service.ts';
import { moveEarlierKeys } from './auth/api-key-earlier.ts';
import { createAuthData } from './auth/auth-data.ts';
import { createAuthService } from './auth/auth.service.ts';
import { createChatService } from './chat/chat.service.ts';
import { createCommunicationData } from './communication/communication-data.ts';
import { createCommunicationService } from './communication/communication.service.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createContextData } from './context/context-data.ts';
import { createContextService } from './context/context.service.ts';
import { createDemo } from './demo/demo.ts';
import { createAuditLog } from './platform/audit-log.ts';
import { systemClock } from './platform/clock.ts';
import { createDataOwners } from './platform/data-owners.ts';
import { buildIndexes, openDatabase } from './platform/database.ts';
import { createIds } from './platform/ids.ts';
import { createLeases } from './platform/lease.ts';
import { createLogger } from './platform/logger.ts';
import { createFolderStore } from './platform/object-store.ts';
import { createUpstream, type Upstream } from './platform/openai-client.ts';
import { createFolderOutbox } from './platform/outbox.ts';
import { type Platform, projectRoot } from './platform/platform.ts';
import { type Queue, startQueue } from './platform/queue.ts';
import { createHasher, openServerSecret } from './platform/server-secret.ts';
import { serve } from './serve.ts';
import type { Service, Services } from './services.ts';

/**
 * Builds the whole service from its configuration; `overrides` are what a test brings along (a clock, ids, an upstream).
 * @throws what opening the database or the engine throws; what was opened by then is closed again.
 */
export async function build(config: Config, overrides: Partial<Platform> = {}): Promise<Service> {
  await using opened = new AsyncDisposableStack();
  const platform = await openPlatform(config, overrides, opened);
  const accounts = createAccountService({ ...platform, syncDebounceMs: config.syncDebounceMs });
  const auth = createAuthService({ ...platform, accounts });
  const assistants = createAssistantService(platform);
  const communication = createCommunicationService({
    ...platform,
    accounts,
    findOwnerEmail: auth.people.findOwnerEmail,
  });
  const context = createContextService({ ...platform, accounts, assistants });
  const chat = createChatService({ ...platform, accounts, assistants, knowledge: context, communication });
  const demo = config.environment === 'production' ? undefined : createDemo({ ...platform, accounts, auth, context });
  const owners = createDataOwners();
  // Erased in this order: conversations at once; files on OpenAI's side before the documents that name them; the business last.
  owners.register(chat.data);
  owners.register(createCommunicationData(platform));
  owners.register(createContextData({ ...platform, assistants }));
  owners.register(createAssistantData({ ...platform, vectorStores: assistants.vectorStores }));
  owners.register(createAuthData(platform));
  owners.register(createAccountData(platform));
  const erasures = createErasures({ ...platform, accounts, owners, findEmail: auth.people.findEmail });
  const auditLog = createAuditLog(platform);
  const services = { accounts, erasures, owners, auditLog, auth, assistants, context, communication, chat, demo };
  const app = createApp(platform, services);
  await moveEarlierKeys(platform.connection);
  await buildIndexes(platform.connection);
  await accounts.upgrade();

  let queue: Queue | undefined;
  let draining: Promise<void> | undefined;
  async function stopWork(): Promise<void> {
    await queue?.stop();
    await Promise.all([context.stopSyncs(), chat.drain(10_000), auth.stop()]);
  }
  const drain = () => (draining ??= stopWork());
  opened.defer(drain);
  const close = opened.move();
  return {
    ...services,
    platform,
    app,
    drain,
    async startWorker() {
      const jobs = [moveAssistants, syncContext, sweepTurns, deliverHandoffs, eraseAccounts, applyRetention];
      queue = await startQueue<Services>(platform.connection, jobs, services, platform.log);
    },
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

async function openPlatform(
  config: Config,
  overrides: Partial<Platform>,
  opened: AsyncDisposableStack,
): Promise<Platform> {
  const clock = overrides.clock ?? systemClock;
  const newId = overrides.newId ?? createIds(clock);
  const log = overrides.log ?? createLogger(config.log);
  const hasher = createHasher(openServerSecret(config));
  const connection = await openDatabase(await databaseUri(config, opened), config.database.name);
  opened.defer(() => connection.close());
  const processId = newId('prc');
  return {
    config,
    version: readVersion(),
    clock,
    newId,
    log,
    connection,
    objects: createFolderStore(config.objects.path),
    upstream: overrides.upstream ?? openUpstream(config, opened),
    outbox: createFolderOutbox(
      createFolderStore(path.join(config.dataDir, 'outbox')),
      'ChatBusiness <no-reply@localhost>',
    ),
    hasher,
    leases: createLeases(connection, clock, processId),
    processId,
    installation: `cb${hasher.hash('installation', '').slice(0, 8)}`,
    ...overrides,
  };
}

async function databaseUri(config: Config, opened: AsyncDisposableStack): Promise<string> {
  if (config.database.kind === 'mongodb') return config.database.url;
  const database = await connectEmbeddedMongo({ dir: config.database.dir });
  opened.defer(() => database.close());
  return database.uri;
}

function openUpstream(config: Config, opened: AsyncDisposableStack): Upstream {
  if (config.openai.kind === 'server') return createUpstream(config.openai, undefined);
  // Tests rank by words alone: the model that ranks by meaning takes its time to load.
  const { path: file, writer } = config.openai;
  const engine = openEngine({ path: file, writer, embeddings: config.environment !== 'test' });
  opened.defer(() => engine.close());
  return createUpstream(config.openai, (input, init) => engine.fetch(input, init));
}

function readVersion(): string {
  const file = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return file.version;
}

if (import.meta.main) {
  try {
    await serve(build, readConfig(), process.argv.slice(2));
  } catch (error) {
    const isExpected = error instanceof ConfigError || (error instanceof Error && 'code' in error);
    process.stderr.write(`${isExpected ? error.message : Error.isError(error) ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}
