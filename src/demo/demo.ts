import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import type { AuthService } from '../auth/auth.service.ts';
import { hasErrorCode } from '../platform/error-code.ts';
import type { Logger } from '../platform/logger.ts';
import { createFolderStore } from '../platform/object-store.ts';
import type { Platform } from '../platform/platform.ts';
import type { ContextService } from '../context/context.service.ts';
import { type Fixture, loadFixtures } from './fixtures.ts';

const DemoKeys = z.object({
  businesses: z.array(
    z.object({ slug: z.string(), name: z.string(), publishableKey: z.string(), secretKey: z.string() }),
  ),
});

/** A demo business and the keys that its page acts with. */
export type DemoBusiness = z.infer<typeof DemoKeys>['businesses'][number];

export interface Demo {
  /**
   * Makes the demo businesses (or those of another folder) and their keys unless they are there; running it twice, or after a crash,
   * is harmless.
   */
  seed(fixtures?: string): Promise<void>;
  /** Waits until their assistants can answer for the first time. What fails is logged and tried again by the worker. */
  bringLive(): Promise<void>;
  list(): Promise<readonly DemoBusiness[]>;
}

const KEYS_FILE = 'demo.json';
const DEMO_HOSTS = ['localhost', '127.0.0.1', '[::1]'];
const DEMO_SCOPES = [
  'account:read',
  'account:write',
  'hours:read',
  'hours:write',
  'products:read',
  'products:write',
  'context:read',
  'context:write',
  'assistant:read',
  'assistant:write',
  'conversations:read',
];

/** Two businesses to try the service with. Their keys are in `data/demo.json`, readable by its owner only. */
export function createDemo(deps: {
  config: Platform['config'];
  accounts: AccountService;
  auth: AuthService;
  context: ContextService;
  log: Logger;
}): Demo {
  const { accounts, auth, context, log } = deps;
  const { dataDir } = deps.config;
  const file = path.join(dataDir, KEYS_FILE);

  async function list(): Promise<DemoBusiness[]> {
    try {
      return DemoKeys.parse(JSON.parse(await readFile(file, 'utf8'))).businesses;
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw new Error(`${file} can't be read; delete it to have the demo made anew`, { cause: error });
    }
  }

  async function isKnown({ slug, publishableKey, secretKey }: DemoBusiness): Promise<boolean> {
    const account = await accounts.findBySlug(slug);
    if (account === undefined) return false;
    const keys = await Promise.allSettled([auth.keys.verify(publishableKey), auth.keys.verify(secretKey)]);
    const [, secret] = keys;
    // One of an earlier version may lack what the page does now.
    const mayAll = secret.status === 'fulfilled' && DEMO_SCOPES.every((scope) => secret.value.scopes.includes(scope));
    return mayAll && keys.every((key) => key.status === 'fulfilled' && key.value.accountId === account._id);
  }

  /** The keys come last: a business without them is filled (again), so that a crash in the middle is made good. */
  async function seedBusiness({ account, location, hours, products, faqs }: Fixture): Promise<DemoBusiness> {
    const { slug, name } = account;
    const known = (await accounts.findBySlug(slug)) ?? (await accounts.create(account, location, hours));
    const accountId = known._id;
    await context.products.putMany(accountId, products);
    for (const faq of await context.faqs.list(accountId)) await context.faqs.remove(accountId, faq._id);
    for (const faq of faqs) await context.faqs.create(accountId, faq);
    const [publishable, secret] = await Promise.all([
      auth.keys.create(accountId, { kind: 'publishable', name: 'Demo page', hosts: DEMO_HOSTS, scopes: [] }),
      auth.keys.create(accountId, { kind: 'secret', name: 'Demo page', hosts: [], scopes: DEMO_SCOPES }),
    ]);
    return { slug, name, publishableKey: publishable.key, secretKey: secret.key };
  }

  return {
    list,

    async bringLive() {
      for (const { slug } of await list()) {
        const account = await accounts.findBySlug(slug);
        if (account === undefined || account.contextVersion > 0) continue;
        await context.sync(account._id).catch((error: unknown) => {
          log.error({ event: 'sync.failed', accountId: account._id, err: error }, 'sync failed');
        });
      }
    },

    async seed(fixtures) {
      const known = await list();
      const areKnown = await Promise.all(known.map(isKnown));
      const businesses = known.filter((_, index) => areKnown[index]);
      const missing = (await loadFixtures(fixtures)).filter(
        ({ account }) => !businesses.some((business) => business.slug === account.slug),
      );
      if (missing.length === 0) return;
      for (const fixture of missing) businesses.push(await seedBusiness(fixture));
      await createFolderStore(dataDir).put(KEYS_FILE, Buffer.from(`${JSON.stringify({ businesses }, null, 2)}\n`));
    },
  };
}
