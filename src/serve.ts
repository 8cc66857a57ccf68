import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Config, ConfigError } from './config.ts';
import type { Service } from './services.ts';

const CLOSE_MS = 12_000;

/**
 * Runs the service until it is told to stop (SIGINT, SIGTERM): the API, the worker or, unless `--api` or `--worker` says otherwise,
 * both. Prints where it is reached.
 */
export async function serve(
  build: (config: Config) => Promise<Service>,
  config: Config,
  flags: readonly string[],
): Promise<void> {
  const unknown = flags.find((flag) => flag !== '--api' && flag !== '--worker');
  if (unknown !== undefined) throw new ConfigError(`${unknown}: is not known; there are --api and --worker`);
  const isApi = !flags.includes('--worker') || flags.includes('--api');
  const isWorker = !flags.includes('--api') || flags.includes('--worker');

  const service = await build(config);
  let server: Server | undefined;
  try {
    if (isApi) server = await listen(service, config);
    if (isWorker) {
      await service.demo?.seed();
      await service.demo?.bringLive();
      // Another server or model may be configured since: nobody should wait for the next look of the job.
      await service.context.moveElsewhere();
      await service.startWorker();
    }
  } catch (error) {
    await stop(service, server);
    throw error;
  }
  const stopAll = stopOnce(service, server);
  process.once('SIGINT', stopAll);
  process.once('SIGTERM', stopAll);
  process.stdout.write(await introduce(service, server));
}

async function listen(service: Service, config: Config): Promise<Server> {
  const server = createServer(service.app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  return server;
}

/** Requests first, then turns and jobs, the database last. */
function stopOnce(service: Service, server: Server | undefined): () => void {
  let isStopping = false;
  return () => {
    if (isStopping) process.exit(1); // asked twice: at once
    isStopping = true;
    // Whatever hangs, the process ends; what was cut off is mended at the next start.
    setTimeout(() => process.exit(1), CLOSE_MS + 3000).unref();
    stop(service, server).then(
      () => process.exit(),
      (error: unknown) => {
        process.stderr.write(`could not stop cleanly: ${Error.isError(error) ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
}

async function stop(service: Service, server: Server | undefined): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
  server?.closeIdleConnections();
  await service.drain();
  server?.closeAllConnections();
  await closed;
  await service[Symbol.asyncDispose]();
}

async function introduce({ platform, demo }: Service, server: Server | undefined): Promise<string> {
  const { config, version } = platform;
  const lines = [`ChatBusiness ${version}`];
  if (server !== undefined) lines.push(`  API       ${addressOf(config, server)}/openapi.json`);
  for (const { name, slug } of (await demo?.list()) ?? []) {
    if (server !== undefined) lines.push(`  Demo      http://127.0.0.1:${portOf(server)}/demo/${slug}  (${name})`);
  }
  lines.push(`  Database  ${config.database.kind === 'embedded' ? `embedded, in ${config.database.dir}` : 'MongoDB'}`);
  if (config.database.kind === 'embedded') lines.push('            set MONGODB_URL to use MongoDB');
  lines.push(`  Objects   ${config.objects.path}`, '            S3 comes with a later version');
  lines.push(...introduceAnswers(config.openai));
  lines.push(`  Log       ${config.log.file === '-' ? 'standard output' : config.log.file}`, '  Ctrl-C stops it.', '');
  return lines.join('\n');
}

function introduceAnswers(openai: Config['openai']): string[] {
  if (openai.kind === 'server') return [`  Answers   ${openai.model} at ${openai.baseUrl}`];
  if (openai.writer)
    return [`  Answers   ${openai.model} at ${openai.writer.url}, from what the embedded engine finds`];
  return [
    '  Answers   embedded engine, no language model',
    '            set OPENAI_API_KEY to have OpenAI answer',
    '            set ENGINE_CHAT_URL (such as http://localhost:11434/v1 for Ollama) and ENGINE_CHAT_MODEL to have a model of your own write',
  ];
}

function addressOf(config: Config, server: Server): string {
  return config.publicUrl ?? `http://${config.host}:${portOf(server)}`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
