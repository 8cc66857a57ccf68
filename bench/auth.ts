import { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connectEmbeddedMongo } from '@chatbusiness/embedded-mongo';
import express, { type Request, type Response, Router } from 'express';
import { drawTable } from '../scripts/commands/table.ts';
import { createAuthenticate } from '../src/auth/authenticate.ts';
import { readConfig } from '../src/config.ts';
import { build } from '../src/main.ts';
import { createAdmit } from '../src/platform/rate-limits.ts';
import { createRouteBuilder, type RouteHooks } from '../src/platform/route.ts';

/**
 * What a warm request by API key costs more than the same without authentication, in CPU time of this process, and how many database
 * commands it sends; the rate limiter apart. Requests are given to the app without a network. `--rounds N` (60), `--json` prints the
 * result as the last line. Exit 1 if a target is missed.
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } },
});
const ROUNDS = Number(options.rounds);
/** Of all requests: nothing is sent. */
const socket = new Socket();
const REQUESTS = 500;
const LIMITED_REQUESTS = 50;
const KEY_US_MAX = 50;
const ORIGIN = 'https://shop.example';

await using opened = new AsyncDisposableStack();
const service = await openService();
const { secretKey, pageKey } = await makeKeys();
const { platform } = service;
let commands = 0;
platform.connection.getClient().on('commandStarted', () => (commands += 1));

interface Way {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly requests: number;
}
const ways: Record<string, Way> = {
  'no authentication': { path: '/open', headers: {}, requests: REQUESTS },
  'secret key': { path: '/business', headers: { 'x-api-key': secretKey }, requests: REQUESTS },
  'publishable key and its host': {
    path: '/visitor',
    headers: { 'x-api-key': pageKey, origin: ORIGIN },
    requests: REQUESTS,
  },
};
const rateLimited: Way = { path: '/business', headers: { 'x-api-key': secretKey }, requests: LIMITED_REQUESTS };

const app = createBenchApp(async () => {});
for (const way of Object.values(ways)) await measure(app, way); // compiles, and fills the caches
const commandsBefore = commands;
const rounds: number[][] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const us: number[] = [];
  for (const way of Object.values(ways)) us.push(await measure(app, way));
  rounds.push(us);
}
const warmCommands = commands - commandsBefore;
const [openUs = Number.NaN, ...keyUs] = [0, 1, 2].map((way) => median(rounds.map((us) => us[way] ?? Number.NaN)));
const [secretUs = Number.NaN, pageUs = Number.NaN] = [1, 2].map((way) =>
  median(rounds.map((us) => (us[way] ?? Number.NaN) - (us[0] ?? Number.NaN))),
);
const limiter = await measureLimiter();
report();

/** The real service on a database in a process of its own, whose driver tells each command. */
async function openService() {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-auth-'));
  opened.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));
  const database = await connectEmbeddedMongo({ dir: path.join(dataDir, 'mongo') });
  opened.defer(() => database.close());
  const separator = database.uri.includes('?') ? '&' : '?';
  const settings = {
    DATA_DIR: dataDir,
    MONGODB_URL: `${database.uri}${separator}monitorCommands=true`,
    LOG_LEVEL: 'silent',
    RATE_LIMIT_ACCOUNT: '100000000',
    RATE_LIMIT_KEY: '100000000',
  };
  return opened.use(await build(readConfig(settings)));
}

async function makeKeys() {
  await service.demo?.seed();
  const account = await service.accounts.findBySlug('bendt-baguette');
  if (account === undefined) throw new Error('the demo has no bakery');
  const { keys } = service.auth;
  const secret = { kind: 'secret', name: 'bench', hosts: [], scopes: ['account:read'] } as const;
  const page = { kind: 'publishable', name: 'bench', hosts: [new URL(ORIGIN).host], scopes: [] } as const;
  const [made, madePage] = [await keys.create(account._id, secret), await keys.create(account._id, page)];
  return { secretKey: made.key, pageKey: madePage.key };
}

function answer() {
  return { status: 204 };
}

/** One handler behind three doors. */
function createBenchApp(admit: RouteHooks['admit']) {
  const router = Router();
  const authenticate = createAuthenticate({ ...service.auth, accounts: service.accounts });
  const hooks: RouteHooks = {
    authenticate,
    admit,
    runOnce: async (_caller, _req, run) => run(),
    recordChange: async () => {},
  };
  const { route } = createRouteBuilder(router, hooks);
  const base = { method: 'get', summary: 'bench', answers: { 204: null } } as const;
  route({ ...base, path: '/open', access: { by: 'anyone' } }, answer);
  route({ ...base, path: '/business', access: { by: 'business', scope: 'account:read' } }, answer);
  route({ ...base, path: '/visitor', access: { by: 'visitor' } }, answer);
  return express().use(router);
}

/** CPU time of one request, in µs. */
async function measure(to: ReturnType<typeof createBenchApp>, { path, headers, requests }: Way): Promise<number> {
  const start = process.cpuUsage();
  for (let n = 0; n < requests; n += 1) await ask(to, path, headers);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / requests;
}

function ask(to: ReturnType<typeof createBenchApp>, url: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = new IncomingMessage(socket);
    Object.assign(req, { method: 'GET', url, headers });
    const res = new ServerResponse(req);
    res.end = () => {
      if (res.statusCode === 204) resolve();
      else reject(new Error(`${url} answered ${res.statusCode}`));
      return res;
    };
    to(req as Request, res as Response, (error: unknown) =>
      reject(error instanceof Error ? error : new Error(`no route ${url}`)),
    );
  });
}

/** The same request with the limiter and without, in turns. */
async function measureLimiter() {
  const limited = createBenchApp(createAdmit(platform));
  await measure(limited, rateLimited);
  const us: number[] = [];
  const ms: number[] = [];
  const before = commands;
  for (let round = 0; round < ROUNDS; round += 1) {
    const without = await measure(app, rateLimited);
    const start = performance.now();
    us.push((await measure(limited, rateLimited)) - without);
    ms.push((performance.now() - start) / LIMITED_REQUESTS);
  }
  return { us: median(us), ms: median(ms), commands: (commands - before) / (ROUNDS * LIMITED_REQUESTS) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function inUs(us: number): string {
  return `${us.toFixed(1)} µs`;
}

function report(): void {
  const met = secretUs <= KEY_US_MAX && pageUs <= KEY_US_MAX && warmCommands === 0;
  process.stdout.write(
    `${drawTable(
      ['a warm request', 'CPU (median)', 'target'],
      [
        ['without authentication', inUs(openUs), ''],
        ['by secret key', inUs(keyUs[0] ?? Number.NaN), ''],
        ['by publishable key', inUs(keyUs[1] ?? Number.NaN), ''],
        ['more by secret key', inUs(secretUs), `<= ${KEY_US_MAX} µs`],
        ['more by publishable key', inUs(pageUs), `<= ${KEY_US_MAX} µs`],
        [`database commands in ${2 * ROUNDS * REQUESTS} by key`, String(warmCommands), '0'],
        ['rate limiter apart', inUs(limiter.us), ''],
        ['  waiting for the database, with the request', `${limiter.ms.toFixed(2)} ms`, ''],
        ['  database commands a request', limiter.commands.toFixed(2), ''],
      ],
    )}\n`,
  );
  const results = { openUs, secretUs, pageUs, warmCommands, limiter };
  const targets = { secretUs: `<= ${KEY_US_MAX}`, pageUs: `<= ${KEY_US_MAX}`, warmCommands: '0' };
  process.stdout.write(
    options.json ? `${JSON.stringify({ name: 'bench:auth', results, targets, met })}\n` : `met: ${met}\n`,
  );
  if (!met) process.exitCode = 1;
}
