import { splitWords } from '../words.ts';

/** What visitors say, and the words under which a business is likely to have written it down. */
const SAID_FOR = [
  'internet wireless: wifi',
  'wifi: internet wi-fi',
  'ship shipping mail: deliver',
  'deliver delivery: ship shipping',
  'refund refunds exchange: return',
  'return returns: refund exchange',
  'card cards credit debit cash checks: pay payment',
  'staff vacancy vacancies career careers work working employment: hiring jobs',
  'job jobs: hiring',
  'pet pets puppy: dog',
  'kid kids toddler toddlers baby: children',
  'children: kids family',
  'loyalty rewards membership coupon coupons: discount regulars',
  'repair repairs: fix replace',
  'disabled handicapped: wheelchair accessible',
  'workshop workshops lesson lessons course courses: class',
  'book booking: reservation reserve',
  'garage car: parking',
  'last lasts: keep store',
  'toilet bathroom washroom: restroom',
  'restroom: toilet bathroom',
  'beer beers wine wines liquor cocktails beverage beverages: alcohol drinks',
  'allergy allergies allergic: allergens',
  'eat eats: feed food',
  'sample test: try',
  'brunch: breakfast',
  'patio terrace outside outdoors: outdoor seating',
  'fee fees: cost price',
  'away: off',
  'discount discounts: regulars offer',
].map((line) => {
  const [said = '', meant = ''] = line.split(': ');
  return { said: said.split(' '), meant: meant.split(' ') };
});

/** They ask whether something is possible, and name nothing: a search for them finds what is beside the point. */
const EMPTY =
  /(?<!\p{L})(allowed|welcome|permitted|possible|ok|policy|program|offered|available|friendly|any|all|good|nice|great|excellent|decent|big|large|wide|reliable|quality|value|selection|variety|choices?|options?|lots|reasonabl[ey]|affordable)(?!\p{L})/giu;
const VARIANTS_MAX = 3;

/** A question, then the same with the words for it that a business may have used. Pure. */
export function withSynonyms(text: string): string[] {
  const words = new Set(splitWords(text));
  const plain = text.replaceAll(EMPTY, ' ').replaceAll(/\s+/g, ' ').trim();
  const variants = SAID_FOR.flatMap(({ said, meant }) => {
    const found = said.filter((word) => words.has(word));
    const unsaid = meant.filter((word) => !words.has(word));
    return found.length === 0
      ? []
      : unsaid.map((word) => found.reduce((query, known) => replaceWord(query, known, word), plain));
  });
  return [...new Set([text, ...(isTelling(plain) ? [plain] : []), ...variants])].slice(0, VARIANTS_MAX + 1);
}

function isTelling(text: string): boolean {
  return splitWords(text).length > 0;
}

function replaceWord(text: string, from: string, to: string): string {
  return text.replaceAll(new RegExp(`(?<!\\p{L})${from}(?!\\p{L})`, 'giu'), to);
}
