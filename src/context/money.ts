import type { Money } from './product.schema.ts';

/** `$4.50`, `¥500`: an amount in minor units as people write it in English. */
export function formatMoney({ amount, currency }: Money): string {
  return formatOf(currency).format(amount / minorUnits(currency));
}

/** How many minor units are one of the currency: 100 cents, 1 yen, 1000 fils. */
export function minorUnits(currency: string): number {
  return 10 ** (formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2);
}

// Making one takes longer than a product takes to render; there are some 300 currencies.
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string): Intl.NumberFormat {
  const format = formats.get(currency) ?? new Intl.NumberFormat('en-US', { style: 'currency', currency });
  formats.set(currency, format);
  return format;
}
