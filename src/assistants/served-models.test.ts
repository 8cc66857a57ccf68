import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Config } from '../config.ts';
import { build } from '../main.ts';
import type { Service } from '../services.ts';
import { startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';

const RULES = 'embedded-extractive';
const WRITER = { url: 'http://127.0.0.1:9/v1', model: 'tiny:1b', apiKey: undefined };

let app: TestApp;
let bakery: TestBusiness;

beforeEach(async () => {
  app = await startApp();
  bakery = await app.business();
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
});

/** The service as it is after a restart on the same data, with a chat server or without. */
function restart(writer: typeof WRITER | undefined): Promise<Service> {
  const { config } = app.service.platform;
  const openai: Config['openai'] = {
    kind: 'embedded',
    path: `${config.dataDir}/engine.sqlite`,
    model: writer?.model ?? RULES,
    writer,
  };
  return build({ ...config, openai });
}

test('setting a chat server and unsetting it again each moves the assistant to the model that is served, in the same store', async () => {
  const first = await app.service.assistants.getCurrent(bakery.accountId);
  await app.service.assistants.update(bakery.accountId, { maxOutputTokens: 300 });

  for (const [writer, model, version] of [
    [WRITER, WRITER.model, 3],
    [undefined, RULES, 4],
  ] as const) {
    await using service = await restart(writer);
    const { assistants, context, accounts } = service;
    expect(await assistants.listElsewhere()).toEqual([bakery.accountId]);
    await expect(assistants.getCurrent(bakery.accountId)).rejects.toMatchObject({ code: 'unavailable' });

    await context.moveElsewhere();
    expect(await accounts.listSyncDue(10)).toEqual([bakery.accountId]);
    expect(await context.sync(bakery.accountId)).toMatchObject({ state: 'synced', uploaded: [], removed: [] });

    expect(await assistants.getCurrent(bakery.accountId)).toMatchObject({
      model,
      version,
      upstream: 'embedded',
      maxOutputTokens: 300,
      vectorStoreId: first.vectorStoreId,
    });
    expect(await assistants.listElsewhere()).toEqual([]);
    expect(await context.search(bakery.accountId, 'sourdough loaf', 1)).toHaveLength(1);
  }
});

test('a model that the server does not have is refused, by the name of the field', async () => {
  const update = app.service.assistants.update(bakery.accountId, { model: 'gpt-6-luna' });

  await expect(update).rejects.toMatchObject({
    code: 'invalid-input',
    fields: [{ path: 'model', message: expect.stringContaining(RULES) }],
  });
});
