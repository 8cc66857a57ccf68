import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../platform/platform.ts';

const dollars = z.number().min(0);

/** US dollars: `search` a call of file search, the others a million tokens. */
const Price = z.strictObject({ input: dollars, cachedInput: dollars, output: dollars, search: dollars });

/** Of `fixtures/prices.json`: what OpenAI lists; the operator keeps it up to date. */
const prices = z
  .record(z.string(), Price)
  .parse(JSON.parse(readFileSync(path.join(projectRoot, 'fixtures', 'prices.json'), 'utf8')));

/** What the model was given and gave in a turn. `cachedTokens` are among `inputTokens`. */
export interface Consumption {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly searches: number;
}

/** Cost in millionths of a US dollar, rounded up; undefined for a model without a price. */
export function costOf(model: string, used: Consumption): number | undefined {
  const price = prices[model];
  if (price === undefined) return undefined;
  const fresh = used.inputTokens - used.cachedTokens;
  // A dollar per million tokens is a millionth of a dollar a token.
  const tokens = fresh * price.input + used.cachedTokens * price.cachedInput + used.outputTokens * price.output;
  return Math.ceil(tokens + used.searches * price.search * 1_000_000);
}
