import type { FunctionResult } from './conversation.ts';
import type { Language } from './language.ts';
import type { PassageAnswer } from './passage-answer.ts';
import { PHRASES } from './phrases.ts';
import { type ProductAsk, spanOf, thingOf } from './product-ask.ts';
import type { PropertyAsk } from './property-ask.ts';
import { tellsKind } from './question-kind.ts';
import { createRelevance, type Weighing } from './relevance.ts';
import {
  areAccessories,
  chooseProducts,
  findClosest,
  findNamed,
  type FittingProducts,
  listProducts,
  sayProducts,
  withoutAccessories,
  withoutRuledOut,
} from './say-products.ts';
import { sayProperty } from './say-property.ts';
import { type FoundProduct, readListedProduct, readProducts } from './structured.ts';
import { type Part, wordResult } from './word-result.ts';

/** A passage whose own question fits at least this well may answer in a product's place. */
const HEADING_FIT_MIN = 0.55;
const COVERAGE_MIN = 0.5;
/** A passage that lacks the thing itself has to have nearly everything else. */
const COVERAGE_WITHOUT_THING_MIN = 0.65;
/** A product whose name has this share of what was named is the one that was meant. */
const NAMED_MIN = 0.6;
/** Of more products than these nobody reads the properties. */
const TOLD_MAX = 3;
/** More words than these are no name of a thing. */
const NAME_WORDS_MAX = 4;

interface ProductsTold extends Weighing {
  language: Language;
}

/**
 * An ask for products is answered by the products that fit, unless a passage asks the visitor's very question and no product
 * is named so; by a passage where no product fits; and otherwise declined by name. Pure.
 */
export function wordProducts(
  ask: ProductAsk | PropertyAsk,
  result: FunctionResult | undefined,
  told: ProductsTold,
  answerByPassage: () => PassageAnswer | undefined,
): Part {
  const { language } = told;
  const found = result && readProducts(result.output);
  if (result && !found) return { text: wordResult(result, language) };
  const { products, nameFit } = choose(ask, found?.products ?? [], told);
  const answer = answerByPassage();
  const isOpen = !result || (products.length === 0 && (isProperty(ask) || ask.wish === 'named'));
  const isAnswer = answer !== undefined && (isOpen || isAboutThing(answer, ask, told));
  const passage = isAnswer && isAsked(answer, ask, nameFit, told) ? answer : undefined;
  if (passage && isPreferred(passage, ask, nameFit, products.length)) return asProduct(passage, ask, language);
  if (isProperty(ask)) {
    const [product] = products;
    const properties = products.slice(0, TOLD_MAX).flatMap((each) => sayProperty(each, ask, told) ?? []);
    if (properties.length > 0) return { text: properties.join('\n') };
    if (product && nameFit >= NAMED_MIN && !passage) return { text: PHRASES[language].notTold(product) };
  } else if (products.length > 0) {
    const total = products.length < (found?.products.length ?? 0) ? products.length : (found?.total ?? products.length);
    return { text: sayProducts(products, ask, total, language) };
  }
  if (passage) return asProduct(passage, ask, language);
  if (isProperty(ask) || !result) return { text: PHRASES[language].unknown };
  return nearThing(answer, ask, told) ?? { text: declineProduct(ask, found?.products ?? [], told) };
}

function choose(ask: ProductAsk | PropertyAsk, found: readonly FoundProduct[], told: ProductsTold): FittingProducts {
  if (isByGroup(ask)) return { products: withoutAccessories(found, ask.query), nameFit: 1 };
  const chosen = chooseProducts(isProperty(ask) ? found : withoutRuledOut(found, ask.text), ask.query, told);
  if (ask.wish === 'have' && areAccessories(chosen.products, ask.query)) return { products: [], nameFit: 0 };
  const named = isProperty(ask) && chosen.products.length === 0 ? findNamed(found, ask.text, told) : undefined;
  return named ? { products: [named], nameFit: 1 } : chosen;
}

/** A question about the same kind of thing may be what the visitor needs: "online classes" for who asks for video classes. */
function nearThing(answer: PassageAnswer | undefined, ask: ProductAsk, told: ProductsTold): Part | undefined {
  const thing = thingOf(ask.text);
  if (!answer?.question || thing === null || ask.wish === 'price') return undefined;
  if (createRelevance(thing, told).coverage(answer.question) < 1) return undefined;
  const { text, passage, question, isGuess } = answer;
  return { passage, text: isGuess ? text : PHRASES[told.language].guess(question, text) };
}

function declineProduct(ask: ProductAsk, found: readonly FoundProduct[], told: ProductsTold): string {
  const { language } = told;
  const span =
    ask.query === null || language === 'es' ? null : spanOf(ask.text, ask.query).replace(/^(?:rent|provide) /, '');
  const closest = ask.query === null || language === 'es' ? [] : findClosest(found, ask.text, told);
  if (/\bhow many\b/i.test(ask.text)) return PHRASES[language].unknown;
  const isName = span === null || span.split(' ').length <= NAME_WORDS_MAX;
  if (closest.length > 0) return PHRASES[language].closest(span, listProducts(closest, language));
  return isName ? PHRASES[language].noProduct(span) : PHRASES[language].unknown;
}

/** Where products were looked up, a passage has to name the thing: nearness of meaning makes gift cards of bagels. */
function isAboutThing({ asked, coverage, passage }: PassageAnswer, ask: ProductAsk, told: Weighing): boolean {
  if (coverage < COVERAGE_MIN) return false;
  const thing = isProperty(ask) ? null : thingOf(asked);
  if (thing === null || coverage >= COVERAGE_WITHOUT_THING_MIN) return true;
  return createRelevance(thing, told).coverage(`${passage.heading} ${passage.text}`) > 0;
}

/** A price has to be told as one, and what a named product is like by words about that. */
function isAsked(answer: PassageAnswer, ask: ProductAsk | PropertyAsk, nameFit: number, told: Weighing): boolean {
  const text = `${answer.passage.heading} ${answer.passage.text}`;
  if (ask.wish === 'price') return tellsKind(ask.text, answer.text) !== false;
  if (!isProperty(ask) || ask.property === null || nameFit < NAMED_MIN) return true;
  return createRelevance(ask.property, told).coverage(text) >= COVERAGE_MIN;
}

/** What the files say of a product, said as the shop says it. */
function asProduct(answer: PassageAnswer, ask: ProductAsk, language: Language): Part {
  const product = isProperty(ask) ? undefined : readListedProduct(answer.passage);
  return product ? { ...answer, text: sayProducts([product], { ...ask, sort: null }, 1, language) } : answer;
}

function isPreferred(passage: PassageAnswer, ask: ProductAsk, nameFit: number, count: number): boolean {
  if (ask.sort !== null || isByGroup(ask)) return false;
  if (count === 0) return true;
  return passage.headingFit >= HEADING_FIT_MIN && (passage.headingFit > nameFit || ask.wish === 'property');
}

function isProperty(ask: ProductAsk | PropertyAsk): ask is PropertyAsk {
  return ask.wish === 'property';
}

/** What was looked up by price within a group needs no fitting name. */
function isByGroup({ sort, minPrice, maxPrice }: ProductAsk): boolean {
  return sort !== null || minPrice !== null || maxPrice !== null;
}
