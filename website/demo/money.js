/** @typedef {{ amount: number, currency: string }} Money in minor units: 450 is $4.50 */

/** @param {string} currency ISO 4217 */
function formatOf(currency) {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency });
}

/** @param {string} currency */
function fractionDigits(currency) {
  return formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/**
 * `$`, as people write it.
 * @param {string} currency
 */
export function currencySymbol(currency) {
  return (
    formatOf(currency)
      .formatToParts(0)
      .find(({ type }) => type === 'currency')?.value ?? currency
  );
}

/**
 * `4.50`: an amount without its currency.
 * @param {Money} money
 */
export function writeAmount({ amount, currency }) {
  const digits = fractionDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/**
 * Reads an amount as people type it, `4.50`, `$4.5` or `4,50`.
 * @param {string} text
 * @param {string} currency
 * @returns {Money | undefined} undefined if it is no amount of that currency
 */
export function parseAmount(text, currency) {
  const digits = fractionDigits(currency);
  const bare = text.replace(currencySymbol(currency), '').trim();
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(bare);
  const [, whole = '', fraction = ''] = match ?? [];
  if (match === null || fraction.length > digits) return undefined;
  return { amount: Number(whole + fraction.padEnd(digits, '0')), currency };
}
