import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser, openVisit } from './browser.ts';
import { type DemoService, startDemoService } from './demo-service.ts';
import { type ForeignPage, startForeignPage } from './foreign-page.ts';

let service: DemoService;
let browser: Browser;
let shop: ForeignPage;
let key: string;

beforeAll(async () => {
  [service, browser] = await Promise.all([startDemoService(), launchBrowser()]);
  const answer = await fetch(`${service.url}/demo-keys.json`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
  const { businesses } = (await answer.json()) as { businesses: { slug: string; publishableKey: string }[] };
  // It is locked to this machine's names: localhost, 127.0.0.1 and [::1].
  key = businesses.find(({ slug }) => slug === 'bendt-baguette')?.publishableKey ?? '';
  shop = await startForeignPage(service.url, key);
}, 60_000);

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await browser.close();
  await service[Symbol.asyncDispose]();
}, 30_000);

interface Read {
  status: number;
  detail?: string;
  name?: string;
  limit: string | null;
}

/** What a script of that page reads of the service's answer. */
async function askFrom(url: string): Promise<{ read: Read; sentCookies: boolean }> {
  await using visit = await openVisit(browser);
  let sentCookies = false;
  visit.page.on('request', (request) => (sentCookies ||= 'cookie' in request.headers()));
  await visit.page.goto(url);
  const read = await visit.page.evaluate<Read>(`(async () => {
    const answer = await fetch(${JSON.stringify(`${service.url}/v1/widget`)}, { headers: { 'X-API-Key': ${JSON.stringify(key)} } });
    const { detail, name } = await answer.json();
    return { status: answer.status, detail, name, limit: answer.headers.get('RateLimit') };
  })()`);
  return { read, sentCookies };
}

test('a page of a host that the key knows reads the answer, and how much of its limit is left', async () => {
  const { read, sentCookies } = await askFrom(shop.url('localhost'));

  expect(read).toMatchObject({
    status: 200,
    name: 'The Bendt Baguette',
    limit: expect.stringMatching(/^"[a-z]+";r=\d+;t=\d+$/),
  });
  expect(sentCookies).toBe(false);
});

test('a page of another host reads why it is refused: the detail names its host', async () => {
  const url = shop.url('shop.localhost');

  const { read } = await askFrom(url);

  expect(read).toMatchObject({ status: 403, detail: `${new URL(url).host} is not a host of this key` });
});

test('a page from a file is refused, and reads that, too', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cb-page-'));
  const file = path.join(folder, 'page.html');
  await writeFile(file, '<!doctype html><title>A file</title>');

  const { read } = await askFrom(pathToFileURL(file).href);

  expect(read).toMatchObject({ status: 403, detail: expect.stringMatching(/^Origin: null \(a file/) });
  await rm(folder, { recursive: true });
});
