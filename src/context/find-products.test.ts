import { expect, test } from '@jest/globals';
import { aProduct } from '../testing/start-app.ts';
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
