import { limitsOfPlan } from './plans.ts';
import type { Standing } from './standing.ts';
import type { Usage } from './usage.model.ts';

export type LimitName = 'messagesPerMonth' | 'messagesPerDay' | 'tokensPerMonth';

/** A limit of a business's chat, and who set it. */
export interface UsageLimit {
  readonly name: LimitName;
  readonly limit: number;
  readonly setBy: 'business' | 'plan';
  /** Whether a turn beyond it is refused; otherwise the business is told, and the chat goes on. */
  readonly refuses: boolean;
}

const NAMES: readonly LimitName[] = ['messagesPerMonth', 'messagesPerDay', 'tokensPerMonth'];

/** All limits that hold for a business, its own and its plan's. */
export function limitsOf({ limits, plan }: Pick<Standing, 'limits' | 'plan'>): UsageLimit[] {
  const ofPlan = limitsOfPlan(plan);
  return NAMES.flatMap((name) => {
    const own = limits[name];
    const planned = ofPlan[name];
    return [
      ...(own === null ? [] : [{ name, limit: own, setBy: 'business' as const, refuses: limits.atLimit === 'refuse' }]),
      ...(planned === null ? [] : [{ name, limit: planned, setBy: 'plan' as const, refuses: true }]),
    ];
  });
}

/** Where a usage document counts what the limit is about. */
export function counterOf(name: LimitName, day: string): string {
  return { messagesPerMonth: 'messages', messagesPerDay: `days.${day}.messages`, tokensPerMonth: 'tokens' }[name];
}

export function usedOf(usage: Pick<Usage, 'messages' | 'tokens' | 'days'>, name: LimitName, day: string): number {
  if (name === 'messagesPerDay') return usage.days?.[day]?.messages ?? 0;
  return name === 'messagesPerMonth' ? usage.messages : usage.tokens;
}
