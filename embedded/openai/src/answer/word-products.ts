import type { FunctionResult } from './conversation.ts';
import type { Language } from './language.ts';
import type { PassageAnswer } from './passage-answer.ts';
import { PHRASES } from './phrases.ts';
import type { ProductAsk } from './product-ask.ts';
import type { PropertyAsk } from './property-ask.ts';
import type { Weighing } from './relevance.ts';
import { chooseProducts, sayProducts, withoutAccessories } from './say-products.ts';
import { sayProperty } from './say-property.ts';
import { readProducts } from './structured.ts';
import { type Part, wordResult } from './word-result.ts';

/** A passage whose own question fits at least this well may answer in a product's place. */
const HEADING_FIT_MIN = 0.55;
const COVERAGE_MIN = 0.4;
const AMOUNT = /[$€£]\s?\d/;

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
  const { products, nameFit } = isByGroup(ask)
    ? { products: withoutAccessories(found?.products ?? [], ask.query), nameFit: 1 }
    : chooseProducts(found?.products ?? [], ask.query, told);
  const answer = answerByPassage();
  // Where products were looked up, a passage has to name the thing: nearness of meaning makes gift cards of bagels.
  const passage = answer && (!result || answer.coverage >= COVERAGE_MIN) ? answer : undefined;
  if (passage && isPreferred(passage, ask, nameFit, products.length)) return passage;
  const property = isProperty(ask) ? products[0] && sayProperty(products[0], ask, told) : undefined;
  if (property !== undefined) return { text: property };
  if (products.length > 0 && !isProperty(ask)) {
    const total = products.length < (found?.products.length ?? 0) ? products.length : (found?.total ?? products.length);
    return { text: sayProducts(products, ask, total, language) };
  }
  if (passage) return passage;
  return { text: isProperty(ask) || !result ? PHRASES[language].unknown : PHRASES[language].noProduct(ask.query) };
}

function isPreferred(passage: PassageAnswer, ask: ProductAsk, nameFit: number, count: number): boolean {
  if (ask.sort !== null || isByGroup(ask)) return false;
  if (ask.wish === 'price' && !AMOUNT.test(passage.text)) return false;
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
