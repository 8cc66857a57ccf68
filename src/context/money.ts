import type { Money } from './product.schema.ts';

/** `$4.50`, `¥500`: an amount in minor units as people write it in English. */
export function formatMoney({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(amount / minorUnits(currency));
}

/** How many minor units are one of the currency: 100 cents, 1 yen, 1000 fils. */
export function minorUnits(currency: string): number {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
}
