import { splitWords } from '../words.ts';
import { type Language, translateFrame } from './language.ts';
import { nameThingsInEnglish } from './things-es.ts';

/** A search, and what a passage that it finds counts. */
export interface LookUp {
  query: string;
  weight: number;
}

/** The same thing as noun and as verb: stemmers don't know that they belong together. */
const FORMS = readLines([
  'delivery deliveries: deliver',
  'deliver delivers: delivery',
  'payment payments: pay',
  'pay paying: payment',
  'rental rentals: rent',
  'rent renting: rental',
  'reservation reservations: reserve',
  'reserve: reservation',
  'membership memberships: member',
  'insurance: insured',
  'weigh weighs: weight',
  'weight: weighs',
  'subscription: subscribe',
  'subscribe: subscription',
  'installation: install',
  'install: installation',
  'alteration alterations: alter',
  'repairs: repair',
]);
/** What visitors say, and the words under which a business is likely to have written it down. */
const SAID_FOR = readLines([
  'internet wireless: wifi',
  'wifi: internet wi-fi',
  'ship shipping mail: deliver',
  'deliver delivery: ship shipping',
  'refund refunds exchange: return',
  'return returns: refund exchange',
  'card cards credit debit cash check checks: pay payment',
  'installment installments financing finance: payment plan',
  'staff vacancy vacancies career careers work working employment: hiring jobs',
  'job jobs: hiring',
  'pet pets puppy: dog',
  'kid kids toddler toddlers baby son daughter teenager teen: children',
  'children child: kids family',
  'loyalty rewards membership coupon coupons: discount regulars',
  'repair repairs: fix replace',
  'fix: repair',
  'disabled handicapped: wheelchair accessible',
  'workshop workshops lesson lessons course courses: class',
  'book booking: reservation reserve appointment',
  'appointment appointments: book booking',
  'opening openings slot slots availability: appointment',
  'online: website web',
  'walk-in walkin walkins: appointment',
  'rent rental hire: borrow loan',
  'wear: clothes dress',
  'guarantee: warranty',
  'warranty: guarantee',
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
  'pause suspend: freeze',
  'urgent urgently: emergency',
  'voucher vouchers certificate certificates: gift_card',
  'old: age',
  'cancel: quit',
  'discount discounts: regulars offer',
]);

/** They ask whether something is possible, and name nothing: a search for them finds what is beside the point. */
const EMPTY =
  /(?<!\p{L})(allowed|welcome|permitted|possible|ok|policy|program|offered|available|friendly|any|all|good|nice|great|excellent|decent|big|large|wide|reliable|quality|value|selection|variety|choices?|options?|lots|reasonabl[ey]|affordable)(?!\p{L})/giu;
const VARIANTS_MAX = 3;
const FORM_WEIGHT = 0.95;
/** What a passage found by other words than the visitor's counts. */
const SYNONYM_WEIGHT = 0.7;

/** A question, then the same with the words for it that a business may have used. Pure. */
export function withSynonyms(text: string, language: Language = 'en'): LookUp[] {
  const plain = text.replaceAll(EMPTY, ' ').replaceAll(/\s+/g, ' ').trim();
  const english = language === 'es' ? nameThingsInEnglish(translateFrame(text)) : text;
  const variants = [
    ...(isTelling(plain) ? [{ query: plain, weight: SYNONYM_WEIGHT }] : []),
    { query: english, weight: SYNONYM_WEIGHT },
    ...exchange(plain, FORMS).map((query) => ({ query, weight: FORM_WEIGHT })),
    ...exchange(plain, SAID_FOR).map((query) => ({ query, weight: SYNONYM_WEIGHT })),
  ];
  return [{ query: text, weight: 1 }, ...variants]
    .filter(({ query }, at, all) => all.findIndex((other) => other.query === query) === at)
    .slice(0, VARIANTS_MAX + 1);
}

interface Exchange {
  said: string[];
  meant: string[];
}

function readLines(lines: string[]): Exchange[] {
  return lines.map((line) => {
    const [said = '', meant = ''] = line.split(': ');
    return { said: said.split(' '), meant: meant.split(' ').map((word) => word.replace('_', ' ')) };
  });
}

function exchange(text: string, exchanges: Exchange[]): string[] {
  const words = new Set(splitWords(text));
  return exchanges.flatMap(({ said, meant }) => {
    const found = said.filter((word) => words.has(word));
    const unsaid = meant.filter((word) => !words.has(word));
    return found.length === 0
      ? []
      : unsaid.map((word) => found.reduce((query, known) => replaceWord(query, known, word), text));
  });
}

function isTelling(text: string): boolean {
  return splitWords(text).length > 0;
}

function replaceWord(text: string, from: string, to: string): string {
  return text.replaceAll(new RegExp(`(?<!\\p{L})${from}(?!\\p{L})`, 'giu'), to);
}
