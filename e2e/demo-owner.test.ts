import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { ask, openTold, readAnswerTo, showPart, useDemo } from './demo-page.ts';

/** From "saved" on the page to an answer that has it. */
const ANSWERED_MS = 5000;
const ZONE = 'America/Los_Angeles';

const { visit, expectQuiet } = useDemo();

async function openTab(page: Page, name: string): Promise<Locator> {
  await page.getByRole('tab', { name }).click();
  return page.getByRole('tabpanel', { name });
}

/** Saves, asks what the page offers to ask, and gives the answer and how long it took. */
async function saveAndAsk(page: Page, panel: Locator, button: string, question: string) {
  await panel.getByRole('button', { name: button }).click();
  await panel.getByText('Saved', { exact: true }).waitFor();
  const savedAt = performance.now();
  await page.getByRole('button', { name: question }).click({ timeout: ANSWERED_MS });
  const answer = await readAnswerTo(page, question);
  return { answer, tookMs: performance.now() - savedAt };
}

function linesOf(page: Page, change: 'added' | 'removed'): Promise<string[]> {
  return page.locator(`.line[data-change=${change}] .line-text`).allInnerTexts();
}

test('a changed price is watched step by step into its file, whose changed lines are marked', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  await page.getByLabel('Search products').fill('baguette seeded');
  const price = page.getByLabel('Price of Seeded baguette in USD');
  await page.locator('.product').nth(1).waitFor({ state: 'detached' });
  const before = await price.inputValue();

  await price.fill('7.15');
  await price.press('Enter');
  await page.locator('.live[data-phase=updating] .step[data-state=now]').first().waitFor();
  await page.getByText(/^Live after [\d.]+ s$/).waitFor();
  await page.locator('.line[data-change=added]').waitFor();

  expect(await page.locator('.trace-name').allInnerTexts()).toEqual(['products-.md']);
  expect(await page.locator('.step[data-state=done] .step-name').allInnerTexts()).toEqual([
    'Saved',
    'Rendered',
    'Stored',
    'Uploaded',
    'Indexed',
    'Live',
  ]);
  const times = (await page.locator('.step-at').allInnerTexts()).slice(1).map(inMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(await linesOf(page, 'removed')).toEqual([`Price: $${before}`]);
  expect(await linesOf(page, 'added')).toEqual(['Price: $7.15']);
  expect(await page.locator('.line:not([data-change=same]) .line-mark').allInnerTexts()).toEqual(['−', '+']);
  expect(await page.locator('.file-changes').innerText()).toBe('+1 −1 lines');

  await page.getByLabel('File', { exact: true }).selectOption('hours.md');
  await page.locator('.file-changes').getByText('no change', { exact: true }).waitFor();
  expect(await page.locator('.line').first().innerText()).toMatch(/Opening hours of The Bendt Baguette/);
  expectQuiet(opened);
});

/** `+1.84 s` and `+310 ms`. */
function inMs(words: string): number {
  const [, amount, unit] = /^\+([\d.]+) (ms|s)$/.exec(words) ?? [];
  return Number(amount) * (unit === 's' ? 1000 : 1);
}

test('hours changed on the page are in the next answer within 5 s', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  const hours = await openTab(page, 'Hours');
  await hours.getByRole('button', { name: 'Add hours: Monday' }).click();
  await hours.getByLabel('Monday, open until').fill('16:30');

  const { answer, tookMs } = await saveAndAsk(page, hours, 'Save hours', 'When are you open on Monday?');

  expect(answer).toMatch(/9 am to 4:30 pm/);
  expect(tookMs).toBeLessThan(ANSWERED_MS);
  expect(await linesOf(page, 'added')).toEqual([expect.stringMatching(/Monday: 9 am to 4:30 pm/)]);
  expectQuiet(opened);
});

test('a date that differs is added, told about, and taken back', async () => {
  const opened = await visit('/demo/bend-birdfood');
  const { page } = opened;
  const hours = await openTab(page, 'Hours');
  const date = Temporal.Now.zonedDateTimeISO(ZONE).toPlainDate().add({ years: 1, days: 40 });
  const words = date.toLocaleString('en-US', { month: 'long', day: 'numeric' });
  await hours.getByRole('button', { name: 'Add a date' }).click();
  const added = hours.locator('.exception').first();
  await added.getByLabel('Date', { exact: true }).fill(date.toString());
  await added.getByLabel(/^Why/).fill('Owl festival');

  await hours.getByRole('button', { name: 'Save hours' }).click();
  await page.getByRole('button', { name: `Ask: Are you open on ${words}?` }).waitFor();
  expect(await added.locator('summary').innerText()).toMatch(/closed[^]*Owl festival/);
  await page.locator('.line[data-change=added]', { hasText: 'closed (Owl festival)' }).waitFor();

  await page.reload();
  await openTab(page, 'Hours');
  const kept = hours.locator('.exception', { hasText: 'Owl festival' });
  await kept.locator('summary').click();
  await kept.getByRole('button', { name: 'Remove this date' }).click();
  await hours.getByRole('button', { name: 'Save hours' }).click();
  await page.locator('.line[data-change=removed]', { hasText: 'Owl festival' }).waitFor();
  expectQuiet(opened);
});

test('what the API refuses is said at its field', async () => {
  const { page, errors } = await visit('/demo/bendt-baguette');
  const hours = await openTab(page, 'Hours');
  const close = hours.getByLabel('Tuesday, open until');
  await close.fill('');
  await hours.getByRole('button', { name: 'Add a date' }).click();

  await hours.getByRole('button', { name: 'Save hours' }).click();
  const problem = hours.locator('.day', { hasText: 'Tue' }).locator('.field-problem');
  await problem.waitFor();

  expect(await problem.innerText()).toMatch(/Must be a time of day/);
  expect(await close.getAttribute('aria-describedby')).toBe(await problem.getAttribute('id'));
  expect(await close.evaluate('document.activeElement.ariaLabel')).toBe('Tuesday, open until');
  expect(await hours.locator('.exception').first().locator('.field-problem').innerText()).toMatch(/Must be a date/);
  expect(await hours.locator('.form-state').innerText()).toBe('Not saved');
  expect(errors).toEqual([expect.stringContaining('400')]);

  await close.fill('13:00');
  await hours.locator('.exception').first().getByRole('button', { name: 'Remove this date' }).click();
  await hours.getByRole('button', { name: 'Save hours' }).click();
  await hours.getByText('Saved', { exact: true }).waitFor();
  expect(await hours.locator('.field-problem').count()).toBe(0);
});

test('a note is a fact at once, in an answer within 5 s, and gone from both when it ends', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  const notes = await openTab(page, 'Notes');
  await notes.getByText('No note at the moment.').waitFor();
  await notes.getByLabel('A note that ends by itself').fill('Free focaccia for everyone in a yellow coat.');
  await notes.getByLabel('Until', { exact: true }).selectOption('custom');
  const end = Temporal.Now.zonedDateTimeISO(ZONE).add({ seconds: 15 });
  await notes.getByLabel('Ends at').fill(end.toPlainDateTime().toString({ smallestUnit: 'second' }));
  const fact = page.locator('.fact', { hasText: 'focaccia' });

  await notes.getByRole('button', { name: 'Add note' }).click();
  await fact.getByText(/told \d+ ms after saving, before any sync/).waitFor();
  expect(await page.locator('.live').getAttribute('data-phase')).toBe('updating');
  const savedAt = performance.now();
  await page.getByRole('button', { name: 'Ask: Any news?' }).click({ timeout: ANSWERED_MS });
  expect(await readAnswerTo(page, 'Any news?')).toMatch(/Free focaccia/);
  expect(performance.now() - savedAt).toBeLessThan(ANSWERED_MS);
  expect(await notes.locator('.note-left').innerText()).toMatch(/^\d+ s left$/);

  await notes.locator('.note').waitFor({ state: 'detached' });
  expect(Temporal.Now.instant().epochMilliseconds).toBeGreaterThanOrEqual(end.epochMilliseconds - 1000);
  await fact.waitFor({ state: 'detached' });
  expect(await ask(page, 'Is there any news?')).not.toMatch(/focaccia/);
  await page.getByText('Removed: the assistant doesn’t find it any more.').waitFor();
  expectQuiet(opened);
});

test('a note can be taken back', async () => {
  const { page } = await visit('/demo/bend-birdfood');
  const notes = await openTab(page, 'Notes');
  await notes.getByLabel('A note that ends by itself').fill('Suet is sold out today.');
  await notes.getByLabel('Until', { exact: true }).selectOption('day');
  await notes.getByRole('button', { name: 'Add note' }).click();
  await page.locator('.fact', { hasText: 'Suet' }).waitFor();

  await notes.getByRole('button', { name: 'Remove the note: Suet is sold out today.' }).click();

  await notes.locator('.note').waitFor({ state: 'detached' });
  await page.locator('.fact', { hasText: 'Suet' }).waitFor({ state: 'detached' });
});

test('new directions are told within 5 s', async () => {
  const opened = await visit('/demo/bend-birdfood');
  const { page } = opened;
  const place = await openTab(page, 'Place');
  await place.getByLabel('How to get there').fill('Behind the fire station, up the ramp.');

  const { answer, tookMs } = await saveAndAsk(page, place, 'Save place', 'How do I get there?');

  expect(answer).toMatch(/Behind the fire station/);
  expect(tookMs).toBeLessThan(ANSWERED_MS);
  expectQuiet(opened);
});

test('a new greeting is a new version of the instructions, and is said', async () => {
  const opened = await visit('/demo/bend-birdfood');
  const { page } = opened;
  const tone = await openTab(page, 'Tone');
  await tone.getByLabel('Greeting').fill('Chirp! What may we find for you?');
  await tone.getByLabel('Warmth').press('Home');

  const { answer } = await saveAndAsk(page, tone, 'Save tone', 'Hello!');

  expect(answer).toMatch(/Chirp!/);
  expect(await page.locator('.trace-name').innerText()).toBe('instructions');
  expect(await page.locator('.step[data-state=done] .step-name').allInnerTexts()).toEqual(['Saved', 'Version 2']);
  expect(await linesOf(page, 'added')).toEqual([
    'Be matter-of-fact and brief.',
    'Greeting: Chirp! What may we find for you?',
  ]);
  expectQuiet(opened);
});

test('under each answer is what the assistant was told, also after a reload', async () => {
  const opened = await visit('/demo/bendt-baguette');
  const { page } = opened;
  await ask(page, 'Are dogs welcome?');
  const passages = await openTold(page);
  expect(await passages.innerText()).toMatch(/first word after \d+ ms/);
  expect(await passages.innerText()).toMatch(/Local date and time: \w+day, \d{4}-/);
  expect(await passages.innerText()).toMatch(/faqs\.md ·\s+0\.\d\d/);

  await ask(page, 'How much is the Cascade rye?');
  const functions = await openTold(page);
  expect(await functions.innerText()).toMatch(/find_products[^]*query:\s*Cascade rye\s+said\s*Cascade rye: \$/);

  await page.reload();
  expect(await (await openTold(page)).innerText()).toMatch(/find_products/);
  expect(await page.locator('.told').count()).toBe(2);
  expectQuiet(opened);
});

test('the tabs are chosen by arrow keys, and one of them is in the order of the Tab key', async () => {
  const { page } = await visit('/demo/bendt-baguette');
  await page.getByRole('tab', { name: 'Products' }).focus();

  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Notes');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Tone');

  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.id')).toBe('tone-words');
});

test('a change moves nothing but what it changes, and nothing at all for who wants no motion', async () => {
  const { page } = await visit('/demo/bendt-baguette');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.locator('.line').first().waitFor();
  await page.locator('.suggestion').first().waitFor();
  await page.evaluate(watchShifts);
  const price = page.locator('.product').first().locator('input');

  await price.fill('8.05');
  await price.press('Enter');
  await page.locator('.live[data-phase=updating] .step[data-state=now]').first().waitFor();
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  await page.locator('.line[data-change=added]').waitFor();

  expect(await page.evaluate('shifts')).toEqual([]);
});

const watchShifts = `shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput) shifts.push([value, ...sources.map(({ node }) => node?.className ?? node?.nodeName)]);
}).observe({ type: 'layout-shift' });`;

test('on a narrow page a change is made, watched and asked about, one part at a time', async () => {
  const opened = await visit('/demo/bendt-baguette', { viewport: { width: 360, height: 700 } });
  const { page } = opened;
  await showPart(page, 'Change');
  const price = page.locator('.product').nth(2).locator('input');
  await price.fill('3.95');
  await price.press('Enter');

  await showPart(page, 'Watch');
  await page.locator('.line[data-change=added]').waitFor();
  await page.getByText('+1 −1 lines').waitFor();
  await showPart(page, 'Change');
  await page.getByRole('button', { name: /^Ask: How much is/ }).click();

  expect(await readAnswerTo(page, 'How much is')).toMatch(/\$3\.95/);
  expect(await page.getByRole('button', { name: 'Ask', exact: true }).getAttribute('aria-pressed')).toBe('true');
  expectQuiet(opened);
});
