import { type ProductAsk, queryOf, toProductAsk } from './product-ask.ts';

/** A question about what a product is made of or like. */
export interface PropertyAsk extends ProductAsk {
  wish: 'property';
  /** What it is asked to have or be ("nuts", "vegan"); null: whatever is known of it. */
  property: string | null;
}

const QUALITY =
  '(?:[a-z]+[- ]free|vegan|vegetarian|organic|kosher|halal|spicy|sweet|healthy|fresh|local|waterproof|washable|safe|big|large|small|heavy|made)';
const CONTENTS: [RegExp, product: number, property: number | null][] = [
  [/^what(?:'s| is| are|s)?(?: exactly)? in(?:side)? (?:the |your |a |an )?(.+)$/, 1, null],
  [/\bingredients (?:of|in|for|does) (?:the |your |a |an )?(.+?)(?: have| contain)?$/, 1, null],
  [/^what (?:does|do|is|are) (?:the |your |a |an )?(.+?) (?:contain|made (?:of|from|with)|consist of)$/, 1, null],
  [/^(?:is|are) there (?:any |some )?(.+?) in (?:the |your |a |an )?(.+)$/, 2, 1],
  [
    /^(?:do|does) (?:the |your |a |an )?(?!you\b|u\b)(.+?) (?:contain|have|include|use|come with) (?:any |some )?(.+?)(?: in (?:it|them))?$/,
    1,
    2,
  ],
  [new RegExp(`^(?:is|are) (?:the |your |a |an )?(.+?) (${QUALITY}.*)$`), 1, 2],
  [
    /^(?:tell me|what can you tell me|describe|info(?:rmation)?)(?: more)? (?:about|on)? ?(?:the |your )?(.+)$/,
    1,
    null,
  ],
  [/^how (?:big|large|heavy|long|tall) (?:is|are) (?:the |your |a |an )?(.+)$/, 1, null],
];

/** Whether a sentence asks what is in a product or what it is like, and which. Pure. */
export function findPropertyAsk(text: string): PropertyAsk | undefined {
  const plain = text
    .toLowerCase()
    .replace(/^(and|so|but|ok|please|can you)\s+/, '')
    .replace(/[\s?.!]+$/, '');
  for (const [pattern, productAt, propertyAt] of CONTENTS) {
    const match = pattern.exec(plain);
    if (match === null) continue;
    const query = queryOf(match[productAt] ?? '');
    const property = propertyAt === null ? null : (match[propertyAt] ?? null);
    return { ...toProductAsk(text, query, 'property'), wish: 'property', property };
  }
  return undefined;
}
