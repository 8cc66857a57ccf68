/** A rendered product: its place in the trie and its Markdown. */
export interface ProductBlock {
  readonly sku: string;
  /** First 32 bits of the SKU's SHA-256, 8 hex digits. */
  readonly skuHash: string;
  readonly text: string;
}

export interface ProductLeaf {
  /** The bits that all its products share: `''` for the root, `'0110'`. */
  readonly prefix: string;
  /** Sorted by hash, then SKU. */
  readonly blocks: readonly ProductBlock[];
}

export interface LeafLimits {
  readonly productsMax: number;
  readonly bytesMax: number;
}

/**
 * Cuts products into the leaves of a binary trie over the SKU's hash. A node is a leaf if what is below it fits, else it is
 * split by the next bit; so a changed product changes one leaf, and growth touches only the leaf that overflows. Same
 * products, same leaves, in whatever order they come. Products whose 32 bits are equal stay together even if they don't fit.
 */
export function cutProducts(blocks: readonly ProductBlock[], limits: LeafLimits): ProductLeaf[] {
  const sorted = blocks
    .map((block) => ({ block, bits: toBits(block.skuHash), bytes: Buffer.byteLength(block.text) }))
    .sort((a, b) => compare(a.bits, b.bits) || compare(a.block.sku, b.block.sku));
  return cut(sorted, '', limits);
}

interface Measured {
  readonly block: ProductBlock;
  readonly bits: string;
  readonly bytes: number;
}

function cut(sorted: readonly Measured[], prefix: string, limits: LeafLimits): ProductLeaf[] {
  if (sorted.length === 0) return [];
  if (prefix.length === 32 || fits(sorted, limits)) {
    return [{ prefix, blocks: sorted.map(({ block }) => block) }];
  }
  const ones = sorted.findIndex(({ bits }) => bits[prefix.length] === '1');
  const middle = ones === -1 ? sorted.length : ones;
  return [...cut(sorted.slice(0, middle), `${prefix}0`, limits), ...cut(sorted.slice(middle), `${prefix}1`, limits)];
}

function fits(sorted: readonly Measured[], { productsMax, bytesMax }: LeafLimits): boolean {
  return sorted.length <= productsMax && sorted.reduce((sum, { bytes }) => sum + bytes, 0) <= bytesMax;
}

function toBits(skuHash: string): string {
  return Number.parseInt(skuHash, 16).toString(2).padStart(32, '0');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
