import { expect, test } from '@jest/globals';
import { aProduct, startApp } from '../testing/start-app.ts';
import { rankProducts } from './find-products.ts';
import type { ProductQuery } from './knowledge.ts';
import type { Product } from './product.model.ts';

const shelf = [
  aProduct({ sku: '1', name: 'Sourdough loaf', category: 'Bread', price: { amount: 750, currency: 'USD' } }),
  aProduct({
    sku: '2',
    name: 'Walnut sourdough',
    category: 'Bread',
    price: { amount: 900, currency: 'USD' },
    stock: 'out_of_stock',
  }),
  aProduct({
    sku: '3',
    name: 'Almond croissant',
    category: 'Pastry',
    price: { amount: 475, currency: 'USD' },
    description: 'Goes well with sourdough.',
  }),
  aProduct({ sku: '4', name: 'Birthday cake', category: 'Cakes', price: null, stock: 'preorder' }),
  aProduct({ sku: '5', name: 'Espresso', category: 'Drinks', price: { amount: 300, currency: 'USD' }, quantity: 0 }),
] as unknown as Product[];

const anyQuery: ProductQuery = {
  query: null,
  category: null,
  minPrice: null,
  maxPrice: null,
  inStockOnly: null,
  sort: null,
};

const find = (query: Partial<ProductQuery>) =>
  rankProducts(shelf, {
    query: null,
    category: null,
    minPrice: null,
    maxPrice: null,
    inStockOnly: null,
    sort: null,
    ...query,
  }).map(({ sku }) => sku);

test('products that have the word in their name come before those that only mention it', () => {
  expect(find({ query: 'sourdough' })).toEqual(['1', '2']);
});

test('conditions are exact: price, stock, category', () => {
  expect(find({ maxPrice: 5 })).toEqual(['3', '5']);
  expect(find({ minPrice: 8, maxPrice: 9 })).toEqual(['2']);
  expect(find({ query: 'sourdough', inStockOnly: true })).toEqual(['1']);
  expect(find({ inStockOnly: true })).not.toContain('5');
  expect(find({ category: 'breads' })).toEqual(['1', '2']);
});

test('the cheapest come first, those without a price last', () => {
  expect(find({ sort: 'price_asc' })).toEqual(['5', '3', '1', '2', '4']);
  expect(find({ sort: 'price_desc' })).toEqual(['2', '1', '3', '5', '4']);
});

test('what nobody sells is not found', () => {
  expect(find({ query: 'motor oil' })).toEqual([]);
});

test('price and stock are asked of the whole shop, however many products there are', async () => {
  await using app = await startApp();
  const many = Array.from({ length: 1100 }, (_, index) =>
    aProduct({
      sku: `B${index}`,
      name: `Bread ${index}`,
      price: { amount: 500, currency: 'USD' },
      stock: 'out_of_stock',
    }),
  );
  const cheap = aProduct({ sku: 'CHEAP', name: 'Bread roll', price: { amount: 1, currency: 'USD' } });
  const dear = aProduct({ sku: 'DEAR', name: 'Wedding cake', price: { amount: 99_900, currency: 'USD' } });
  const { accountId } = await app.business({ products: [...many, cheap, dear] });
  const ask = async (query: Partial<ProductQuery>) =>
    (await app.service.context.findProducts(accountId, { ...anyQuery, ...query })).products[0]?.sku;

  expect(await ask({ query: 'bread', sort: 'price_asc' })).toBe('CHEAP');
  expect(await ask({ minPrice: 900 })).toBe('DEAR');
  expect(await ask({ query: 'bread', inStockOnly: true })).toBe('CHEAP');
}, 60_000);
