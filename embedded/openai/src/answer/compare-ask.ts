import { type ProductAsk, queryOf, toProductAsk } from './product-ask.ts';

/** One side of a comparison; its other side is the ask that follows. */
export interface CompareAsk extends ProductAsk {
  wish: 'compare';
  /** What decides; `nothing` where only the differences are asked. */
  by: 'cheaper' | 'dearer' | 'nothing';
}

const COMPARISONS = [
  /\b(?:difference|compare|comparison)\b(?: is| are)?(?: there)?(?: between| of)? (.+)$/,
  /^(.+ (?:vs\.?|versus) .+)$/,
  /\b(?:cheaper|dearer|better|pricier|more expensive)[,:]? (?:the |a |an )?(.+ or .+)$/,
  /^(?:is|are) (.+? (?:cheaper|dearer|pricier|more expensive|less expensive) than .+)$/,
];
const BETWEEN = / (?:and|vs\.?|versus|with|to|or|(?:cheaper|dearer|pricier|more expensive|less expensive) than) /g;

/** The two sides of a comparison of products; none if a sentence is none. Pure. */
export function findCompareAsks(text: string): CompareAsk[] {
  const plain = text.toLowerCase().replace(/[\s?.!]+$/, '');
  const pair = COMPARISONS.map((pattern) => pattern.exec(plain)?.[1]).find((found) => found !== undefined);
  const sides = pair === undefined ? [] : halve(pair).map(queryOf);
  if (sides.length < 2 || sides.some((side) => side === null)) return [];
  return sides.map((query) => ({ ...toProductAsk(text, query, 'compare'), wish: 'compare', by: criterion(plain) }));
}

/** In the middle: "bed and board and full board" has two things, one with an "and" of its own. */
function halve(pair: string): string[] {
  const halves = [...pair.matchAll(BETWEEN)].map(({ 0: { length }, index }) => [
    pair.slice(0, index),
    pair.slice(index + length),
  ]);
  const [best = []] = halves.sort((a, b) => unevenness(a) - unevenness(b));
  return best;
}

function unevenness([a = '', b = '']: string[]): number {
  return Math.abs(a.split(' ').length - b.split(' ').length);
}

function criterion(plain: string): CompareAsk['by'] {
  if (/\b(dearer|pricier|more expensive)\b/.test(plain)) return 'dearer';
  return /\b(cheaper|less expensive)\b/.test(plain) ? 'cheaper' : 'nothing';
}
