import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashSku } from './product.service.ts';
import { cutProducts, type ProductBlock } from './product-trie.ts';

const limits = { productsMax: 5, bytesMax: 60 };

const block = (sku: string, text = `## ${sku}`): ProductBlock => ({ sku, skuHash: hashSku(sku), text });
const someBlocks = fc
  .uniqueArray(
    fc.record({ sku: fc.stringMatching(/^[A-Z0-9]{1,6}$/), text: fc.string({ minLength: 1, maxLength: 30 }) }),
    {
      selector: ({ sku }) => sku,
      maxLength: 80,
    },
  )
  .map((products) => products.map(({ sku, text }) => block(sku, text)));

test('the hash of a SKU is the first 32 bits of its SHA-256', () => {
  expect(hashSku('abc')).toBe('ba7816bf'); // FIPS 180-2, appendix B.1
});

test('a small shop has one leaf, an empty one none', () => {
  expect(cutProducts([block('A'), block('B')], limits).map(({ prefix }) => prefix)).toEqual(['']);
  expect(cutProducts([], limits)).toEqual([]);
});

test('each product is in exactly one leaf, whose prefix its hash begins with', () => {
  fc.assert(
    fc.property(someBlocks, (blocks) => {
      const leaves = cutProducts(blocks, limits);
      expect(leaves.flatMap((leaf) => leaf.blocks.map(({ sku }) => sku)).sort()).toEqual(
        blocks.map(({ sku }) => sku).sort(),
      );
      for (const { prefix, blocks: held } of leaves) {
        for (const { skuHash } of held) {
          expect(Number.parseInt(skuHash, 16).toString(2).padStart(32, '0').startsWith(prefix)).toBe(true);
        }
      }
    }),
  );
});

test('every leaf fits, and what is below its parent would not fit in one', () => {
  fc.assert(
    fc.property(someBlocks, (blocks) => {
      const leaves = new Map(cutProducts(blocks, limits).map((leaf) => [leaf.prefix, leaf.blocks]));
      for (const [prefix, held] of leaves) {
        expect(fits(held) || held.length === 1).toBe(true);
        const parent = prefix.slice(0, -1);
        const below = [...leaves].filter(([other]) => other.startsWith(parent)).flatMap(([, others]) => others);
        expect(prefix === '' || !fits(below)).toBe(true);
      }
    }),
  );
});

test('the order in which products come changes nothing', () => {
  fc.assert(
    fc.property(someBlocks, fc.infiniteStream(fc.nat()), (blocks, random) => {
      const shuffled = blocks.map((each) => ({ each, at: random.next().value as number })).sort((a, b) => a.at - b.at);
      const again = shuffled.map(({ each }) => each);
      expect(cutProducts(again, limits)).toEqual(cutProducts(blocks, limits));
    }),
  );
});

test('a product whose text changes without growing changes one leaf', () => {
  fc.assert(
    fc.property(
      someBlocks.filter((blocks) => blocks.length > 0),
      fc.nat(),
      (blocks, pick) => {
        const changed = blocks[pick % blocks.length]!;
        const after = blocks.map((each) =>
          each === changed ? { ...each, text: each.text.replaceAll(/./gsu, 'x') } : each,
        );
        const before = new Map(cutProducts(blocks, limits).map((leaf) => [leaf.prefix, textOf(leaf)]));
        const differing = cutProducts(after, limits).filter((leaf) => before.get(leaf.prefix) !== textOf(leaf));
        const isSameSize = Buffer.byteLength(changed.text) === changed.text.replaceAll(/./gsu, 'x').length;
        fc.pre(isSameSize);
        expect(differing.length).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test('products with equal hashes stay together even where they do not fit', () => {
  const twins = Array.from({ length: 7 }, (_, index) => ({ sku: `T${index}`, skuHash: 'ffffffff', text: 'x' }));

  expect(cutProducts(twins, limits)).toEqual([{ prefix: '1'.repeat(32), blocks: twins }]);
});

function fits(blocks: readonly ProductBlock[]): boolean {
  const bytes = blocks.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return blocks.length <= limits.productsMax && bytes <= limits.bytesMax;
}

function textOf(leaf: { blocks: readonly ProductBlock[] }): string {
  return leaf.blocks.map(({ text }) => text).join('\n');
}
