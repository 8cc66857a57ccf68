import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

const optionalText = z.preprocess((value) => (value === '' ? undefined : value), z.string().min(1).optional());
const optionalUrl = z.preprocess(
  (value) => (value === '' ? undefined : value),
  // `localhost:11434/v1` is a URL too, of the scheme `localhost`.
  z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' }).optional(),
);

/** `loopback` and the like are names that express knows. */
const isProxyRange = (text: string): boolean => {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  return isIP(address) !== 0 && Number(bits ?? 0) <= (isIP(address) === 4 ? 32 : 128);
};
const proxyList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .refine((parts) => parts.every(isProxyRange), {
    error: 'must be a comma-separated list of addresses, networks such as 10.0.0.0/8, or `loopback`',
  });
const perMinute = (count: number) =>
  z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number().int().min(1).max(1_000_000_000).default(count),
  );

/** Every setting of the service. `docs/configuration.md` and `.env.example` are generated from these descriptions. */
export const settings = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('`production` refuses to start without secrets and never serves the demo'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the server listens on; `0.0.0.0` in a container'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe('Port the server listens on; 0 takes any free port'),
  PUBLIC_URL: optionalUrl.describe('Address by which people reach the service, if it is not `http://HOST:PORT`'),
  DATA_DIR: z.string().min(1).default('data').describe('Folder of everything that is kept on this machine'),
  MONGODB_URL: optionalText.describe('MongoDB connection string; absent: the embedded database in `DATA_DIR`'),
  MONGODB_NAME: z.string().min(1).default('chatbusiness').describe('Name of the database'),
  OPENAI_API_KEY: optionalText.describe('Key of OpenAI or of a compatible server; absent: the embedded engine answers'),
  OPENAI_BASE_URL: optionalUrl.describe(
    'Address of a server that speaks the OpenAI API; absent: OpenAI itself, if there is a key',
  ),
  OPENAI_MODEL: z.string().min(1).default('gpt-6-luna').describe('Model of new assistants when OpenAI answers'),
  OPENAI_REASONING_EFFORT: z
    .enum(['none', 'minimal', 'low', 'medium', 'high'])
    .default('none')
    .describe('Reasoning effort asked of that model'),
  ENGINE_CHAT_URL: optionalUrl.describe(
    'Base URL of a chat server of your own, such as `http://localhost:11434/v1` for Ollama: its model writes from what the embedded engine finds',
  ),
  ENGINE_CHAT_MODEL: optionalText.describe('The model of that server that writes; needed with `ENGINE_CHAT_URL`'),
  ENGINE_CHAT_KEY: optionalText.describe('Key of that server, if it wants one'),
  SERVER_SECRET: optionalText.describe(
    'At least 32 characters; hashes API keys and thread tokens, seals signing keys. Absent: made on first start in `DATA_DIR`, refused in production',
  ),
  TRUSTED_PROXIES: proxyList.describe(
    'Proxies in front of the service, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses, networks such as `10.0.0.0/8`, or `loopback`, with commas between; absent: none',
  ),
  RATE_LIMIT_ACCOUNT: perMinute(6000).describe('Requests a minute of one business, all callers together'),
  RATE_LIMIT_KEY: perMinute(1200).describe('Requests a minute of one secret key'),
  RATE_LIMIT_ADDRESS: perMinute(120).describe('Requests a minute of one visitor address with a publishable key'),
  RATE_LIMIT_PERSON: perMinute(600).describe('Requests a minute of one person who is logged in'),
  RATE_LIMIT_WRONG_KEYS: perMinute(60).describe('Wrong API keys a minute from one address, in each process'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
  LOG_FILE: optionalText.describe(
    'File that the log goes to, or `-` for standard output; absent: `-` in production, else `DATA_DIR/service.log`',
  ),
  SYNC_DEBOUNCE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(1500)
    .describe('How long changes are gathered before a sync, in ms'),
});

export interface Config {
  readonly environment: 'development' | 'production' | 'test';
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  readonly database:
    | { readonly kind: 'embedded'; readonly dir: string; readonly name: string }
    | { readonly kind: 'mongodb'; readonly url: string; readonly name: string };
  readonly objects: { readonly kind: 'folder'; readonly path: string };
  readonly openai:
    | {
        readonly kind: 'embedded';
        readonly path: string;
        readonly model: string;
        /** The chat server whose model writes; absent: the engine answers by rules. */
        readonly writer?:
          | { readonly url: string; readonly model: string; readonly apiKey: string | undefined }
          | undefined;
      }
    | {
        readonly kind: 'server';
        readonly apiKey: string;
        readonly baseUrl: string;
        readonly model: string;
        readonly reasoningEffort: string;
      };
  readonly serverSecret: string | undefined;
  readonly trustedProxies: readonly string[];
  /** Requests a minute. */
  readonly rateLimits: {
    readonly account: number;
    readonly key: number;
    readonly address: number;
    readonly person: number;
    readonly wrongKeys: number;
  };
  readonly log: { readonly level: string; readonly file: string };
  readonly syncDebounceMs: number;
}

/** A wrong setting; the message is one line that names each of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Turns environment variables into the typed configuration. Pure but for its default argument, the only reader of
 * `process.env` in the service.
 * @throws ConfigError naming every wrong setting.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = settings.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const values = parsed.data;
  if (values.SERVER_SECRET !== undefined && values.SERVER_SECRET.length < 32) {
    throw new ConfigError('SERVER_SECRET: must have at least 32 characters');
  }
  if (values.NODE_ENV === 'production' && values.SERVER_SECRET === undefined) {
    throw new ConfigError('SERVER_SECRET: must be set when NODE_ENV=production');
  }
  const dataDir = path.resolve(values.DATA_DIR);
  return Object.freeze<Config>({
    environment: values.NODE_ENV,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    dataDir,
    database: databaseOf(values, dataDir),
    objects: { kind: 'folder', path: path.join(dataDir, 'objects') },
    openai: openaiOf(values, dataDir),
    serverSecret: values.SERVER_SECRET,
    trustedProxies: values.TRUSTED_PROXIES,
    rateLimits: {
      account: values.RATE_LIMIT_ACCOUNT,
      key: values.RATE_LIMIT_KEY,
      address: values.RATE_LIMIT_ADDRESS,
      person: values.RATE_LIMIT_PERSON,
      wrongKeys: values.RATE_LIMIT_WRONG_KEYS,
    },
    log: {
      level: values.LOG_LEVEL,
      file: values.LOG_FILE ?? (values.NODE_ENV === 'production' ? '-' : path.join(dataDir, 'service.log')),
    },
    syncDebounceMs: values.SYNC_DEBOUNCE_MS,
  });
}

function databaseOf(values: z.infer<typeof settings>, dataDir: string): Config['database'] {
  const name = values.MONGODB_NAME;
  if (values.MONGODB_URL !== undefined) return { kind: 'mongodb', url: values.MONGODB_URL, name };
  return { kind: 'embedded', dir: path.join(dataDir, 'mongo'), name };
}

function openaiOf(values: z.infer<typeof settings>, dataDir: string): Config['openai'] {
  const writer = writerOf(values);
  if (values.OPENAI_API_KEY === undefined && values.OPENAI_BASE_URL === undefined) {
    const model = writer?.model ?? 'embedded-extractive';
    return { kind: 'embedded', path: path.join(dataDir, 'engine.sqlite'), model, writer };
  }
  return {
    kind: 'server',
    // Servers of one's own often take no key, but the SDK insists on one.
    apiKey: values.OPENAI_API_KEY ?? 'none',
    baseUrl: values.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    model: values.OPENAI_MODEL,
    reasoningEffort: values.OPENAI_REASONING_EFFORT,
  };
}

/** Without a URL model and key say nothing, so that the URL alone switches. */
function writerOf(values: z.infer<typeof settings>) {
  const { ENGINE_CHAT_URL: url, ENGINE_CHAT_MODEL: model, ENGINE_CHAT_KEY: apiKey } = values;
  if (url === undefined) return undefined;
  const other = (['OPENAI_API_KEY', 'OPENAI_BASE_URL'] as const).find((name) => values[name] !== undefined);
  if (other !== undefined) {
    throw new ConfigError(`ENGINE_CHAT_URL: goes with the embedded engine alone; unset it or ${other}`);
  }
  if (model === undefined) {
    throw new ConfigError('ENGINE_CHAT_MODEL: must be set with ENGINE_CHAT_URL: the name of a model of that server');
  }
  return { url, model, apiKey };
}
