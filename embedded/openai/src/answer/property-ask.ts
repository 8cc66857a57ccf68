import { type ProductAsk, queryOf, toProductAsk } from './product-ask.ts';

/** A question about what a product is made of or like. */
export interface PropertyAsk extends ProductAsk {
  wish: 'property';
  /** What it is asked to have or be ("nuts", "vegan"); null: whatever is known of it. */
  property: string | null;
}

const QUALITY =
  '(?:[a-z]+[- ]free|vegan|vegetarian|organic|kosher|halal|spicy|sweet|healthy|fresh|local|waterproof|washable|safe|big|large|small|heavy|made)';
const TRAITS = '(?:sizes?|colou?rs?|flavou?rs?|brands?|materials?|models?|weights?)';
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
  [
    /^how many (.+?) (?:does|do|has|have|are|is)(?: there)? (?:in )?(?:the |a |an )?(?!you\b|left\b|available\b)(.+?)(?: have| has| hold| contain| come with)?$/,
    2,
    1,
  ],
  [/^how much (?:does|do) (?:the |your |a |an )?(.+?) (weigh|hold|carry|fit)s?$/, 1, 2],
  [
    /^how (?:big|large|heavy|long|tall|wide|thick|deep|strong|fast|far) (?:is|are|does|do|will) (?:the |your |a |an )?(.+?)(?: get| go| grow| take| last| be)?$/,
    1,
    null,
  ],
  [new RegExp(`^(?:what|which) (.+?) (${TRAITS}) (?:do|does|are|is|have)\\b.*$`), 1, null],
  [
    new RegExp(
      `^(?:what|which) (${TRAITS}) (?:do|does|are|is|of) (?:the |your |you have (?:for|in) )?(?!you\\b)(.+?)(?: come in| have| made of| are there| available)?$`,
    ),
    2,
    null,
  ],
  [
    /^(?:is|are|does|do|can|will|has) (?:the|your|this|that) (?!.*\b(?:stock|available|sold out|left|costs?|prices?|cheap\w*|expensive)\b|.+ in(?: yet| again| now)?$)(.+)$/,
    1,
    1,
  ],
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
