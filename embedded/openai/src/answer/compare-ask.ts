import { type ProductAsk, queryOf, toProductAsk } from './product-ask.ts';

/** One side of a comparison; its other side is the ask that follows. */
export interface CompareAsk extends ProductAsk {
  wish: 'compare';
  /** What decides; `nothing` where only the differences are asked. */
  by: 'cheaper' | 'dearer' | 'nothing';
}

const PAIRS = [
  /\b(?:difference|compare|comparison)\b(?: is| are)?(?: there)?(?: between| of)? (.+?) (?:and|vs\.?|versus|with|to|or) (.+)$/,
  /^(.+?) (?:vs\.?|versus) (.+)$/,
  /\b(?:cheaper|dearer|better|pricier|more expensive)[,:]? (?:the |a |an )?(.+?) or (.+)$/,
  /^(?:is|are) (.+?) (?:cheaper|dearer|pricier|more expensive|less expensive) than (.+)$/,
];

/** The two sides of a comparison of products; none if a sentence is none. Pure. */
export function findCompareAsks(text: string): CompareAsk[] {
  const plain = text.toLowerCase().replace(/[\s?.!]+$/, '');
  const match = PAIRS.map((pattern) => pattern.exec(plain)).find((found) => found !== null);
  const sides = [match?.[1], match?.[2]].map((side) => (side === undefined ? null : queryOf(side)));
  if (sides.some((side) => side === null)) return [];
  return sides.map((query) => ({ ...toProductAsk(text, query, 'compare'), wish: 'compare', by: criterion(plain) }));
}

function criterion(plain: string): CompareAsk['by'] {
  if (/\b(dearer|pricier|more expensive)\b/.test(plain)) return 'dearer';
  return /\b(cheaper|less expensive)\b/.test(plain) ? 'cheaper' : 'nothing';
}
