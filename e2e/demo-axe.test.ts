import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask, openTold, showPart, useDemo } from './demo-page.ts';

const { visit } = useDemo();

/** What axe finds in a part of the page, also in open shadow roots, in words that name the rule and the element. */
async function findProblems(page: Page, part = 'html'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${String(target)}: ${failureSummary}`),
  );
}

test.each([
  [360, 'light'],
  [360, 'dark'],
  [1280, 'light'],
  [1280, 'dark'],
] as const)(
  'axe finds nothing at %i px, %s',
  async (width, scheme) => {
    const { page } = await visit('/demo', { viewport: { width, height: 760 }, colorScheme: scheme });
    await page.locator('.card .open-line strong').nth(1).waitFor();
    expect(await findProblems(page)).toEqual([]);

    await page.getByRole('link', { name: 'The Bendt Baguette' }).click();
    await ask(page, 'Are dogs welcome?');
    await ask(page, 'How much is the Cascade rye?');
    const told = await openTold(page);
    await told.getByText('All that it gave').click();
    expect(await findProblems(page)).toEqual([]);

    await showPart(page, 'Change');
    for (const name of ['Products', 'Place', 'Tone']) {
      await page.getByRole('tab', { name }).click();
      expect(await findProblems(page, '.owner')).toEqual([]);
    }
    await page.getByRole('tab', { name: 'Hours' }).click();
    await page.getByLabel('Tuesday, open until').fill('');
    await page.locator('.exception summary').first().click();
    await page.getByRole('button', { name: 'Save hours' }).click();
    await page.locator('.field-problem').waitFor();
    expect(await findProblems(page, '.owner')).toEqual([]);

    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByLabel('A note that ends by itself').fill('Rolls are out of the oven.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.locator('.note').first().waitFor();
    expect(await findProblems(page, '.owner')).toEqual([]);
    await showPart(page, 'Watch');
    await page.locator('.line[data-change=added]').first().waitFor();
    expect(await findProblems(page, '.live')).toEqual([]);
  },
  240_000,
);
