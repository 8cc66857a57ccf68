import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { NewAccount, NewLocation } from '../accounts/account.schema.ts';
import { OpeningHours } from '../accounts/opening-hours.schema.ts';
import { FaqInput } from '../context/faq.service.ts';
import { minorUnits } from '../context/money.ts';
import { NewProduct } from '../context/product.schema.ts';
import { projectRoot } from '../platform/platform.ts';

const FixtureAccount = NewAccount.extend({ location: NewLocation, hours: OpeningHours });

/** A business as `fixtures/SLUG` describes it. */
export interface Fixture {
  readonly account: NewAccount;
  readonly location: NewLocation;
  readonly hours: OpeningHours;
  readonly products: readonly NewProduct[];
  readonly faqs: readonly FaqInput[];
}

export const demoFixtures = path.join(projectRoot, 'fixtures');

/** Reads and checks all businesses of a folder. @throws ZodError for one that is not what the API would take. */
export async function loadFixtures(root = demoFixtures): Promise<Fixture[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(folders.sort().map((folder) => loadFixture(path.join(root, folder))));
}

async function loadFixture(folder: string): Promise<Fixture> {
  const { location, hours, ...account } = FixtureAccount.parse(await readJson(path.join(folder, 'account.json')));
  const faqs = z.array(FaqInput.omit({ order: true })).parse(await readJson(path.join(folder, 'faqs.json')));
  return {
    account,
    location,
    hours,
    products: await loadProducts(folder),
    faqs: faqs.map((faq, order) => ({ ...faq, order })),
  };
}

async function loadProducts(folder: string): Promise<NewProduct[]> {
  const files = await readdir(folder);
  if (files.includes('products.json')) {
    return z.array(NewProduct).parse(await readJson(path.join(folder, 'products.json')));
  }
  const rows: Record<string, string>[] = parse(await readFile(path.join(folder, 'products.csv')), {
    columns: true,
    bom: true,
  });
  return z.array(NewProduct).parse(rows.map(productOf));
}

function productOf(row: Record<string, string>): unknown {
  const { sku, name, category, price, currency, stock, quantity, tags, description, url } = row;
  return {
    sku,
    name,
    category,
    price: price && currency ? { amount: Math.round(Number(price) * minorUnits(currency)), currency } : null,
    stock: stock || 'in_stock',
    quantity: quantity ? Number(quantity) : null,
    tags: (tags ?? '').split('|').filter((tag) => tag !== ''),
    description,
    url: url || null,
  };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
