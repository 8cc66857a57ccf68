import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser, openVisit, type Visit } from './browser.ts';
import { type DemoService, startDemoService } from './demo-service.ts';

interface Demo {
  /** Opens a page of the demo; it is closed after the test. */
  visit(address: string, options?: Parameters<typeof openVisit>[1]): Promise<Visit>;
  /** Nothing went wrong on the page, and it asked no host but the service. */
  expectQuiet(visit: Visit): void;
}

/** The demo of a service and a browser that all tests of a file share. */
export function useDemo(): Demo {
  let service: DemoService;
  let browser: Browser;
  const visits: Visit[] = [];

  beforeAll(async () => {
    [service, browser] = await Promise.all([startDemoService(), launchBrowser()]);
  }, 60_000);

  afterEach(async () => {
    for (const visit of visits.splice(0)) await visit[Symbol.asyncDispose]();
  });

  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  }, 30_000);

  return {
    async visit(address, options) {
      const opened = await openVisit(browser, options);
      visits.push(opened);
      await opened.page.goto(`${service.url}${address}`);
      return opened;
    },

    expectQuiet({ errors, hosts }) {
      expect(errors).toEqual([]);
      expect([...hosts]).toEqual([new URL(service.url).host]);
    },
  };
}

/** Asks and gives the answer's text once it is whole. */
export async function ask(page: Page, question: string): Promise<string> {
  await page.getByLabel('Your question').fill(question);
  await page.keyboard.press('Enter');
  return readAnswerTo(page, question);
}

/** The text of the answer to a question that was asked, once it is whole. */
export async function readAnswerTo(page: Page, question: string): Promise<string> {
  await page.locator('.bubble-visitor', { hasText: question }).last().waitFor();
  return readAnswer(page);
}

export async function readAnswer(page: Page): Promise<string> {
  await page.locator('.log[aria-busy=false]').waitFor();
  return page.locator('.bubble-answer').last().locator('.bubble-text').innerText();
}

/** Below this width the page shows one of its parts at a time (`website/demo/business.css`). */
const ALL_PARTS_PX = 900;

/** Shows a part of the page where only one is seen at a time. */
export async function showPart(page: Page, part: 'Ask' | 'Change' | 'Watch'): Promise<void> {
  const { width } = page.viewportSize() ?? { width: ALL_PARTS_PX };
  if (width < ALL_PARTS_PX) await page.getByRole('button', { name: part, exact: true }).click();
}

/** "What the assistant was told", opened, under the newest answer. */
export async function openTold(page: Page): Promise<Locator> {
  const told = page.locator('.told').last();
  await told.locator('.told-time', { hasText: 'first word' }).waitFor();
  await told.getByText('What the assistant was told').click();
  return told;
}

export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)');
}
