import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ask, openTold, showPart, useDemo } from './demo-page.ts';

const { visit } = useDemo();

/** The first ones of a thousand lines and fifty products tell what there is to tell, in a tenth of the time. */
const REPEATED = '.line:not([data-change]):nth-child(n + 30), .product:nth-child(n + 10)';

/**
 * What axe finds in a part of the page, also in open shadow roots, in words that name the rule and the element: everything in light
 * colours, and in dark ones what a theme can change.
 */
async function findProblems(page: Page, part = 'html'): Promise<string[]> {
  const axe = () => new AxeBuilder({ page }).include(part).exclude(REPEATED);
  await page.emulateMedia({ colorScheme: 'light' });
  const inLight = await axe().analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  const inDark = await axe().withRules(['color-contrast', 'link-in-text-block']).analyze();
  return [inLight, inDark].flatMap(({ violations }) =>
    violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${String(target)}: ${failureSummary}`),
    ),
  );
}

test.each([360, 1280])(
  'axe finds nothing at %i px, light and dark',
  async (width) => {
    const { page } = await visit('/demo', { viewport: { width, height: 760 } });
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
    await page.getByLabel('Until', { exact: true }).selectOption({ label: 'in 1 hour' });
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.locator('.note').first().waitFor();
    expect(await findProblems(page, '.owner')).toEqual([]);
    await showPart(page, 'Watch');
    await page.locator('.line[data-change=added]').first().waitFor();
    expect(await findProblems(page, '.live')).toEqual([]);
  },
  240_000,
);
