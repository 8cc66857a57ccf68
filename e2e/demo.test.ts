import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask, openTold, overflowOf, readAnswer, readAnswerTo, showPart, useDemo } from './demo-page.ts';
import { startDemoService } from './demo-service.ts';

const NEW_PRICE_MS = 5000;

const { visit, expectQuiet } = useDemo();

test('the demo lists both businesses and whether they are open', async () => {
  const opened = await visit('/demo');

  const cards = opened.page.locator('.card');
  await cards.locator('.open-line strong').nth(1).waitFor();

  expect(await cards.locator('h2').allInnerTexts()).toEqual(['Bend Birdfood LLC', 'The Bendt Baguette']);
  expect(await cards.locator('.open-line strong').allInnerTexts()).toEqual([
    expect.stringMatching(/^(Open|Closed)/),
    expect.stringMatching(/^(Open|Closed)/),
  ]);
  await expectTexts(cards.locator('.card-text'), [/birds/, /bakery/]);
  expectQuiet(opened);
});

async function expectTexts(found: ReturnType<Page['locator']>, expected: RegExp[]): Promise<void> {
  await found
    .filter({ hasText: /\w/ })
    .nth(expected.length - 1)
    .waitFor();
  expect(await found.allInnerTexts()).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
}

test('the page says that one talks to an AI, greets and suggests questions', async () => {
  const opened = await visit('/demo/bendt-baguette');

  expect(await readAnswer(opened.page)).toMatch(/The Bendt Baguette/);
  expect(await opened.page.locator('.notice').innerText()).toMatch(/talking to the AI assistant of The Bendt Baguette/);
  expect(await opened.page.locator('.suggestion').count()).toBe(3);
  expectQuiet(opened);
});

/** Notes in `data-growth` how long the answer was each time that it changed. */
const noteGrowth = `(() => {
  const log = document.querySelector('chat-business').shadowRoot.querySelector('.log');
  const lengths = new Set();
  new MutationObserver(() => {
    const answer = [...log.querySelectorAll('.bubble-visitor ~ .bubble-answer .bubble-text')].at(-1);
    if (answer?.textContent) lengths.add(answer.textContent.length);
    log.dataset.growth = [...lengths].join(' ');
  }).observe(log, { subtree: true, childList: true });
})()`;

test('a question about opening hours is answered in a stream', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  await page.locator('.suggestion').first().waitFor();
  await page.evaluate(noteGrowth);
  const streamed = page.waitForResponse(/\/v1\/threads\/[^/]+\/messages$/);

  const answer = await ask(page, 'When are you open on Saturday?');

  expect(answer).toMatch(/7 am to 1 pm/);
  const deltas = (await (await streamed).text()).match(/"type":"text-delta"/g) ?? [];
  expect(deltas.length).toBeGreaterThan(1);
  const growth = (await page.locator('.log').getAttribute('data-growth')) ?? '';
  const lengths = growth.split(' ').map(Number);
  expect(lengths.length).toBeGreaterThan(1);
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  expectQuiet(opened);
});

test('an answer from the context says where it is from', async () => {
  const opened = await visit('/demo/bendt-baguette');

  const answer = await ask(opened.page, 'Are dogs welcome?');

  expect(answer).toMatch(/patio/);
  expect(await opened.page.locator('.bubble-answer').last().locator('.sources').innerText()).toMatch(/From:\s*\w/);
  expectQuiet(opened);
});

test('a price changed on the page is in the next answer within 5 s', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  await page.getByLabel('Search products').fill('baguette seeded');
  const price = page.getByLabel('Price of Seeded baguette in USD');
  await page.locator('.product').nth(1).waitFor({ state: 'detached' });

  await price.fill('6.35');
  await price.press('Enter');
  await page.getByText('Saved', { exact: true }).waitFor();
  const savedAt = performance.now();
  await page.getByRole('button', { name: 'How much is Seeded baguette?' }).click({ timeout: NEW_PRICE_MS });
  const answer = await readAnswerTo(page, 'Seeded baguette');

  expect(answer).toMatch(/\$6\.35/);
  expect(performance.now() - savedAt).toBeLessThan(NEW_PRICE_MS);
  expectQuiet(opened);
});

test('a price that is none is refused beside its field and not saved', async () => {
  const opened = await visit('/demo/bend-birdfood');
  const { page } = opened;
  const row = page.locator('.product').first();
  const before = await row.locator('input').inputValue();

  await row.locator('input').fill('cheap');
  await row.locator('input').press('Enter');
  expect(await row.locator('.price-state').innerText()).toMatch(/^Write an amount such as/);
  await row.locator('input').fill('99999999');
  await row.locator('input').press('Enter');
  await row.getByText(/^Not saved/).waitFor();

  expect(await row.locator('.price-state').innerText()).toMatch(/1000000000/);
  await page.reload();
  expect(await row.locator('input').inputValue()).toBe(before);
  expect(opened.errors).toEqual([expect.stringContaining('400')]); // the console names the refused request
});

test('a reload keeps the conversation, and it goes on', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  const first = await ask(page, 'Are dogs welcome?');

  await page.reload();
  await page.locator('.bubble-visitor').waitFor();

  expect(await page.locator('.bubble-visitor .bubble-text').allInnerTexts()).toEqual(['Are dogs welcome?']);
  expect(await readAnswer(page)).toBe(first);
  await ask(page, 'What does the Cascade rye cost?');
  expect(await page.locator('.bubble-visitor').count()).toBe(2);
  await page.getByRole('button', { name: 'Start over' }).click();
  expect(await page.locator('.bubble-visitor').count()).toBe(0);
  expectQuiet(opened);
});

test('a message refused for a time says when to try again, and trying again answers', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  const messages = '**/v1/threads/*/messages';
  await page.route(messages, (route) =>
    route.fulfill({
      status: 429,
      headers: { 'Retry-After': '1' },
      contentType: 'application/problem+json',
      body: '{}',
    }),
  );

  await ask(page, 'Are dogs welcome?');
  expect(await page.locator('.problem p').innerText()).toMatch(/try again in a second/);
  await page.unroute(messages);
  await page.getByRole('button', { name: 'Try again' }).click();

  await page.locator('.problem').waitFor({ state: 'detached' });
  expect(await readAnswer(page)).toMatch(/patio/);
  expect(await page.locator('.bubble-visitor').count()).toBe(1);
});

test.each([
  [360, 'light'],
  [360, 'dark'],
  [1280, 'light'],
  [1280, 'dark'],
] as const)(
  'at %i px, %s, everything fits the width and the fields are large enough to type in',
  async (width, scheme) => {
    const folder = process.env['SCREENSHOT_DIR'] ?? tmpdir();
    const opened = await visit('/demo', { viewport: { width, height: 760 }, colorScheme: scheme });
    const { page } = opened;
    await page.locator('.card .open-line strong').nth(1).waitFor();
    await page.screenshot({ path: path.join(folder, `demo-index-${width}-${scheme}.png`), fullPage: true });
    expect(await overflowOf(page)).toBe(0);

    await page.getByRole('link', { name: 'The Bendt Baguette' }).click();
    await ask(page, 'Are dogs welcome?');
    const shoot = async (name: string) => {
      await page.screenshot({ path: path.join(folder, `demo-${name}-${width}-${scheme}.png`) });
      expect(await overflowOf(page)).toBe(0);
    };
    await shoot('chat');
    const fontSize = await page.evaluate<string>(
      `getComputedStyle(document.querySelector('chat-business').shadowRoot.querySelector('textarea')).fontSize`,
    );
    expect(Number.parseFloat(fontSize)).toBeGreaterThanOrEqual(16);
    await openTold(page);
    await shoot('told');

    await showPart(page, 'Change');
    for (const name of ['Products', 'Hours', 'Notes', 'Place', 'Tone']) {
      await page.getByRole('tab', { name }).click();
      await page.getByRole('tabpanel', { name }).waitFor();
      await shoot(name.toLowerCase());
      expect(await smallestFontOf(page)).toBeGreaterThanOrEqual(16);
    }
    await showPart(page, 'Watch');
    await page.getByRole('heading', { name: 'Watch it arrive' }).waitFor();
    await shoot('live');
    expectQuiet(opened);
  },
);

/** Of the fields of the owner's side that are seen, in px: below 16, phones zoom in when one is touched. */
function smallestFontOf(page: Page): Promise<number> {
  return page.evaluate(`Math.min(...[...document.querySelectorAll('.owner :is(input, select, textarea)')]
    .filter((field) => field.checkVisibility())
    .map((field) => Number.parseFloat(getComputedStyle(field).fontSize)))`);
}

test('Ctrl-C ends the service and leaves no process', async () => {
  await using another = await startDemoService();
  expect(await another.listProcesses()).not.toEqual([]);

  expect(await another.interrupt()).toBe(0);

  const gone = AbortSignal.timeout(10_000);
  while ((await another.listProcesses()).length > 0) gone.throwIfAborted();
});
