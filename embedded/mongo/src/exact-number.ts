/** A finite decimal fraction: coefficient * 10^exponent. Every double and every Decimal128 is one. */
export interface ExactNumber {
  coefficient: bigint;
  exponent: number;
}

export function exactOfDouble(value: number): ExactNumber {
  if (Number.isInteger(value)) return { coefficient: BigInt(value), exponent: 0 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const binaryPlaces = 1075 - Math.max(biased, 1);
  const coefficient = mantissa * 5n ** BigInt(binaryPlaces);
  return { coefficient: bits >> 63n === 1n ? -coefficient : coefficient, exponent: -binaryPlaces };
}

/** @param text as Decimal128 prints it: `-12.5E+3`. */
export function exactOfDecimal(text: string): ExactNumber {
  const [digits = '0', power = '0'] = text.toUpperCase().split('E');
  const [whole = '0', places = ''] = digits.split('.');
  return { coefficient: BigInt(whole + places), exponent: Number(power) - places.length };
}

export function subtractExact(left: ExactNumber, right: ExactNumber): ExactNumber {
  const exponent = Math.min(left.exponent, right.exponent);
  const scale = (part: ExactNumber) => part.coefficient * 10n ** BigInt(part.exponent - exponent);
  return { coefficient: scale(left) - scale(right), exponent };
}

/** The nearest double; ±Infinity or 0 beyond its range. */
export function nearestDouble(value: ExactNumber): number {
  return Number(`${value.coefficient}e${value.exponent}`);
}
