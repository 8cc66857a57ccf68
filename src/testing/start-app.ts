import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startMongoServer } from '@chatbusiness/embedded-mongo';
import supertest from 'supertest';
import type { NewAccount, NewLocation } from '../accounts/account.schema.ts';
import type { OpeningHours } from '../accounts/opening-hours.schema.ts';
import { readConfig } from '../config.ts';
import { type FaqInput } from '../context/faq.service.ts';
import type { NewProduct } from '../context/product.schema.ts';
import { build } from '../main.ts';
import type { Service } from '../services.ts';
import type { Platform } from '../platform/platform.ts';

/** A business in a test, with keys that may do everything its kind may. */
export interface TestBusiness {
  readonly accountId: string;
  readonly publishableKey: string;
  readonly secretKey: string;
}

export interface TestApp extends AsyncDisposable {
  readonly service: Service;
  readonly http: ReturnType<typeof supertest>;
  /** Makes a business and syncs it. */
  business(made?: BusinessParts): Promise<TestBusiness>;
  /** A second service on the same database, objects and engine. */
  sibling(overrides?: Partial<Platform>): Promise<Service>;
}

interface BusinessParts {
  readonly account?: Partial<NewAccount>;
  readonly hours?: OpeningHours;
  readonly products?: readonly NewProduct[];
  readonly faqs?: readonly FaqInput[];
}

/** The origin that the publishable keys of test businesses answer. */
export const ORIGIN = 'https://bakery.example';

/** Only tests of rate limits meet them. */
const noLimits = Object.fromEntries(
  ['ACCOUNT', 'KEY', 'ADDRESS', 'PERSON', 'WRONG_KEYS'].map((name) => [`RATE_LIMIT_${name}`, '1000000']),
);

const ROOMS = ['account', 'hours', 'products', 'context', 'assistant', 'conversations'];
const SCOPES = [...ROOMS.flatMap((room) => [`${room}:read`, `${room}:write`]), 'usage:read'];

/** The real app on the embedded database and engine, in a folder of its own that goes with it. */
export async function startApp(
  overrides: Partial<Platform> = {},
  settings: Record<string, string> = {},
): Promise<TestApp> {
  await using opened = new AsyncDisposableStack();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'chatbusiness-'));
  opened.defer(() => rm(dataDir, { recursive: true, force: true }));
  const mongo = await startMongoServer({ memory: true });
  opened.defer(() => mongo.close());
  const config = readConfig({
    NODE_ENV: 'test',
    DATA_DIR: dataDir,
    MONGODB_URL: mongo.uri,
    LOG_LEVEL: 'silent',
    SYNC_DEBOUNCE_MS: '0',
    ...noLimits,
    ...settings,
  });
  const service = opened.use(await build(config, overrides));
  const siblings = opened.use(new AsyncDisposableStack());
  const close = opened.move();
  return {
    service,
    http: supertest(service.app),
    business: (made) => makeBusiness(service, made),
    sibling: async (others = {}) => siblings.use(await build(config, { ...overrides, ...others })),
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

let made = 0;

async function makeBusiness(service: Service, parts: BusinessParts = {}): Promise<TestBusiness> {
  const { accounts, auth, context } = service;
  made += 1;
  const account = await accounts.create(
    { ...anAccount(), slug: `bakery-${made}`, ...parts.account },
    aLocation(),
    parts.hours ?? anOpenWeek(),
  );
  const accountId = account._id;
  await context.products.putMany(accountId, parts.products ?? [aProduct()]);
  for (const faq of parts.faqs ?? []) await context.faqs.create(accountId, faq);
  await context.sync(accountId);
  const [publishable, secret] = await Promise.all([
    auth.keys.create(accountId, { kind: 'publishable', name: 'test', hosts: [new URL(ORIGIN).host], scopes: [] }),
    auth.keys.create(accountId, { kind: 'secret', name: 'test', hosts: [], scopes: SCOPES }),
  ]);
  return { accountId, publishableKey: publishable.key, secretKey: secret.key };
}

export function anAccount(): NewAccount {
  return {
    slug: 'bakery',
    name: 'Corner Bakery',
    description: 'A small bakery.',
    contact: { email: 'hello@bakery.example', phone: '+1 541 555 0100', website: 'https://bakery.example' },
    persona: { tone: 'friendly', warmth: 0.6, greeting: 'Welcome!', languages: ['en'], extraInstructions: '' },
  };
}

export function aLocation(): NewLocation {
  return {
    name: 'Corner Bakery',
    address: { street: '1 Main Street', city: 'Bend', region: 'Oregon', postalCode: '97701', country: 'US' },
    geo: null,
    phone: null,
    directions: '',
  };
}

/** Every day from 7 to 15. */
export function anOpenWeek(): OpeningHours {
  const day = [{ open: '07:00', close: '15:00' }];
  const weekly = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day };
  return { timezone: 'America/Los_Angeles', weekly, exceptions: [] };
}

export function aProduct(fields: Partial<NewProduct> = {}): NewProduct {
  return {
    sku: 'LOAF',
    name: 'Sourdough loaf',
    category: 'Bread',
    price: { amount: 750, currency: 'USD' },
    stock: 'in_stock',
    quantity: null,
    tags: [],
    description: 'A crusty loaf of wheat flour, water and salt.',
    url: null,
    image: null,
    ...fields,
  };
}
