import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { DemoBusiness } from '../src/demo/demo.ts';
import { launchBrowser, openVisit, type Visit } from './browser.ts';
import { type DemoService, startDemoService } from './demo-service.ts';
import { type ForeignPage, startForeignPage } from './foreign-page.ts';

let service: DemoService;
let browser: Browser;
let shop: ForeignPage;
let key: string;
let secretKey: string;
const visits: Visit[] = [];

beforeAll(async () => {
  [service, browser] = await Promise.all([startDemoService(), launchBrowser()]);
  const answer = await fetch(`${service.url}/demo-keys.json`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
  const { businesses } = (await answer.json()) as { businesses: DemoBusiness[] };
  const bakery = businesses.find(({ slug }) => slug === 'bendt-baguette');
  key = bakery?.publishableKey ?? '';
  secretKey = bakery?.secretKey ?? '';
  shop = await startForeignPage(service.url, key);
}, 60_000);

afterEach(async () => {
  for (const visit of visits.splice(0)) await visit[Symbol.asyncDispose]();
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await browser.close();
  await service[Symbol.asyncDispose]();
}, 30_000);

async function visit(options?: Parameters<typeof openVisit>[1], url = shop.url()): Promise<Visit> {
  const opened = await openVisit(browser, options);
  visits.push(opened);
  await opened.page.goto(url);
  return opened;
}

const launcherOf = (page: Page) => page.getByRole('button', { name: 'Chat with our AI assistant' });
const fieldOf = (page: Page) => page.getByLabel('Your question');

async function openChat(page: Page): Promise<void> {
  await launcherOf(page).click();
  await page.locator('.log[aria-busy=false]').waitFor();
}

async function ask(page: Page, question: string): Promise<string> {
  await fieldOf(page).fill(question);
  await page.keyboard.press('Enter');
  await page.locator('.bubble-visitor', { hasText: question }).last().waitFor();
  await page.locator('.log[aria-busy=false]').waitFor();
  return page.locator('.bubble-answer').last().locator('.bubble-text').innerText();
}

async function limit(messagesPerDay: number | null): Promise<void> {
  const answer = await fetch(`${service.url}/v1/account`, {
    method: 'PATCH',
    headers: { 'X-API-Key': secretKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ limits: { messagesPerDay } }),
  });
  expect(answer.status).toBe(200);
}

/** Whether the element that has the focus, inside the widget, fits. */
const hasFocus = (page: Page, selector: string) =>
  page.evaluate<boolean>(
    `document.querySelector('chat-business').shadowRoot.activeElement?.matches(${JSON.stringify(selector)}) ?? false`,
  );

const fieldStyle = (page: Page, property: string) =>
  page.evaluate<string>(
    `getComputedStyle(document.querySelector('chat-business').shadowRoot.querySelector('textarea')).${property}`,
  );

function expectQuiet({ errors }: Visit): void {
  expect(errors).toEqual([]);
}

test('on a page of another origin with a strict policy, one script line chats, with sources, and breaks no rule', async () => {
  const opened = await visit();
  const { page } = opened;
  await launcherOf(page).waitFor();
  expect(opened.hosts).toEqual(new Set([new URL(shop.url()).host, new URL(service.url).host]));

  await openChat(page);
  await page.getByRole('dialog', { name: 'Ask The Bendt Baguette' }).waitFor();
  expect(await page.locator('.notice').innerText()).toMatch(/AI assistant of The Bendt Baguette/);
  expect(await page.locator('.bubble-answer .bubble-text').innerText()).toMatch(/The Bendt Baguette/);
  const answer = await ask(page, 'Are dogs welcome?');

  expect(answer).toMatch(/patio/);
  expect(await page.locator('.sources').innerText()).toMatch(/^From: \w/);
  expect(await page.locator('.waiting:visible').count()).toBe(0);
  expect(await page.getByRole('status').innerText()).toMatch(/patio/);
  expectQuiet(opened);
});

test('nothing but the loader is asked for before somebody reaches for the chat', async () => {
  const opened = await openVisit(browser);
  visits.push(opened);
  const asked: string[] = [];
  opened.page.on('request', (request) => asked.push(request.url()));
  await opened.page.goto(shop.url());
  await launcherOf(opened.page).waitFor();

  expect(asked.filter((url) => url.startsWith(service.url))).toEqual([`${service.url}/widget.js`]);
});

test('the page hears of each whole answer, also of those before a reload, and may add to it', async () => {
  const opened = await visit();
  const { page } = opened;
  await page.addInitScript(`addEventListener('chatbusiness:answer', ({ detail: { threadId, messageId } }) => {
    const added = Object.assign(document.createElement('p'), { slot: messageId, textContent: threadId });
    document.querySelector('chat-business').append(added);
  })`);
  await page.reload();
  await openChat(page);
  await ask(page, 'Are dogs welcome?');
  const added = page.locator('chat-business > p[slot]');
  await added.filter({ visible: true }).waitFor();
  const [thread] = await added.allInnerTexts();
  expect(thread).toMatch(/^thr_/);

  await page.reload();
  await added.filter({ visible: true }).waitFor();
  expect(await added.allInnerTexts()).toEqual([thread]);
});

test('a reload keeps the conversation and the open panel, and takes no focus', async () => {
  const opened = await visit();
  const { page } = opened;
  await openChat(page);
  const answer = await ask(page, 'Are dogs welcome?');

  await page.reload();
  await page.locator('.bubble-visitor').waitFor();

  expect(await page.locator('.bubble-answer .bubble-text').allInnerTexts()).toEqual([answer]);
  expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
  expect(await ask(page, 'When are you open on Saturday?')).toMatch(/7 am to 1 pm/);
  await page.getByRole('button', { name: 'Start over' }).click();
  expect(await page.locator('.bubble-visitor').count()).toBe(0);
  expectQuiet(opened);
});

test('the keyboard alone opens, asks, reads on and closes; the focus is seen and comes back', async () => {
  const opened = await visit();
  const { page } = opened;
  await launcherOf(page).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await hasFocus(page, '[aria-haspopup=dialog][aria-expanded=false]')).toBe(true);

  await page.keyboard.press('Enter');
  await page.locator('.log[aria-busy=false]').waitFor();
  expect(await hasFocus(page, 'textarea')).toBe(true);
  expect(await fieldStyle(page, 'outlineStyle')).toBe('solid');
  await page.keyboard.type('Are dogs welcome?');
  await page.keyboard.press('Enter');
  await page.locator('.bubble-visitor').waitFor();
  await page.locator('.log[aria-busy=false]').waitFor();
  await page.keyboard.press('Shift+Tab');
  expect(await hasFocus(page, '.log')).toBe(true);

  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await launcherOf(page).waitFor();
  expect(await hasFocus(page, '[aria-haspopup=dialog][aria-expanded=false]')).toBe(true);
  expectQuiet(opened);
});

test('on a host that the key does not know, visitors are told kindly and the console tells the owner which', async () => {
  const opened = await visit({}, shop.url('shop.localhost'));
  const { page } = opened;
  await openChat(page);

  expect(await page.locator('.problem p').innerText()).toBe('The assistant doesn’t answer on this page.');
  expect(opened.errors.join('\n')).toMatch(/ChatBusiness: shop\.localhost:\d+ is not a host of this key/);
});

test('at a limit visitors are told how else to reach the business, and by when they may try again', async () => {
  await limit(0);
  try {
    const { page } = await visit();
    await openChat(page);
    await ask(page, 'Are dogs welcome?');
    await page.screenshot({ path: path.join(process.env['SCREENSHOT_DIR'] ?? tmpdir(), 'widget-at-limit.png') });

    expect(await page.locator('.problem p').innerText()).toMatch(/can't answer any more today.*by phone at/);
    expect(await page.getByRole('button', { name: 'Try again' }).isDisabled()).toBe(true);
  } finally {
    await limit(null);
  }
});

test.each(['**/v1/threads', '**/v1/threads/*/messages'])(
  'an answer is stopped, also while its question is still on the way (%s), and what was said stays',
  async (heldBack) => {
    const opened = await visit();
    const { page } = opened;
    await openChat(page);
    await fieldOf(page).fill('Tell me all about your breads');
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    await page.route(heldBack, async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).click();
    const stopped = page.waitForRequest(/\/v1\/threads\/[^/]+\/stop$/);
    release();
    await stopped;

    await page.locator('.log[aria-busy=false]').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    expect(await hasFocus(page, 'textarea')).toBe(true);
  },
);

test.each([
  [360, 'light'],
  [360, 'dark'],
  [1280, 'light'],
  [1280, 'dark'],
] as const)('at %i px, %s, the open chat fits its window, and a small one is filled', async (width, scheme) => {
  const folder = process.env['SCREENSHOT_DIR'] ?? tmpdir();
  const opened = await visit({ viewport: { width, height: 760 }, colorScheme: scheme });
  const { page } = opened;
  await launcherOf(page).waitFor();
  await page.screenshot({ path: path.join(folder, `widget-closed-${width}-${scheme}.png`) });
  await openChat(page);
  await page.screenshot({ path: path.join(folder, `widget-greeting-${width}-${scheme}.png`) });
  await ask(page, 'Are dogs welcome?');
  await page.screenshot({ path: path.join(folder, `widget-chat-${width}-${scheme}.png`) });

  const box = await page.getByRole('dialog').boundingBox();
  expect(box).not.toBeNull();
  if (width === 360) expect(box).toEqual({ x: 0, y: 0, width: 360, height: 760 });
  else expect(box?.width).toBe(400);
  expect(await page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)')).toBe(0);
  expect(Number.parseFloat(await fieldStyle(page, 'fontSize'))).toBeGreaterThanOrEqual(16);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expectQuiet(opened);
});
