import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../platform/platform.ts';

const limit = z.int().min(0).nullable();

const PlanLimits = z.strictObject({ messagesPerMonth: limit, messagesPerDay: limit, tokensPerMonth: limit });

/** What a plan allows at most; null: no limit. */
export type PlanLimits = z.infer<typeof PlanLimits>;

/** Of `fixtures/plans.json`. */
const plans = z
  .record(z.string(), PlanLimits)
  .parse(JSON.parse(readFileSync(path.join(projectRoot, 'fixtures', 'plans.json'), 'utf8')));

export const planNames: readonly string[] = Object.keys(plans);

/** One that no longer exists (the operator took it out) limits nothing. */
export function limitsOfPlan(name: string): PlanLimits {
  return plans[name] ?? { messagesPerMonth: null, messagesPerDay: null, tokensPerMonth: null };
}
