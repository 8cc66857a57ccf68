import { expect, test } from '@jest/globals';
import { aProduct } from '../testing/start-app.ts';
import { ofCategory } from './find-products-category.ts';
import type { Product } from './product.model.ts';

const shelf = [
  aProduct({ name: 'Oak table', category: 'Furniture', tags: ['table', 'oak'] }),
  aProduct({ name: 'Bench for six', category: 'Tables and benches', tags: [] }),
  aProduct({ name: 'Table lamp', category: 'Lamps', tags: ['table'] }),
  aProduct({ name: 'Floor lamp, 60 inch', category: 'Lamps', tags: [] }),
  aProduct({ name: 'Lamp oil', category: 'Lamps', tags: [] }),
  aProduct({ name: 'Round stool', category: 'Chairs & stools', tags: [] }),
  aProduct({ name: 'Wool rug', category: 'Floor', tags: [] }),
] as unknown as Product[];

test.each([
  ['a whole tag weighs more than a part of a category', 'tables', ['Oak table']],
  ['a whole category counts, without what is for the thing', 'lamps', ['Table lamp', 'Floor lamp, 60 inch']],
  ['a part of a category still counts where no tag says it', 'benches', ['Bench for six']],
  ['so does the thing that a name ends with', 'stool', ['Round stool']],
  ['and, where nothing else does, any mention', 'wool', ['Wool rug']],
  ['what nothing mentions is nothing', 'sofas', []],
])('%s', (_name, category, names) => {
  expect(ofCategory(shelf, category).map(({ name }) => name)).toEqual(names);
});

test('no category is all of them', () => {
  expect(ofCategory(shelf, null)).toHaveLength(shelf.length);
});
