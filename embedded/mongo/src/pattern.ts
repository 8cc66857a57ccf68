import { MongoServerError, refuseFeature } from './errors.ts';

/** MongoDB's pattern as JavaScript's: also with its options in front, `(?i)`. @throws an error that names the option. */
export function toPattern(pattern: unknown, options: unknown = ''): RegExp {
  const given = pattern instanceof RegExp ? pattern : undefined;
  if (!given && typeof pattern !== 'string') throw new MongoServerError('BadValue', '$regex has to be a string');
  const [, leading = '', source = ''] = /^(?:\(\?([imsx]+)\))?(.*)$/s.exec(given?.source ?? String(pattern)) ?? [];
  // In a pattern that bson has decoded, g stands for MongoDB's s.
  const own = given?.flags.replace('g', 's') ?? '';
  const flags = new Set(`${typeof options === 'string' && options !== '' ? options : own}${leading}`);
  if (flags.has('x')) refuseFeature('the regex option x');
  for (const flag of flags) {
    if (!'imsu'.includes(flag)) throw new MongoServerError('Location51108', `invalid flag in regex options: ${flag}`);
  }
  flags.delete('u');
  return new RegExp(source, [...flags].join(''));
}

/**
 * Whether a value holds a pattern that may take exponential time: V8 ends such a search by a linear engine, except for patterns
 * that have the flag i, look around or refer back.
 */
export function holdsSlowPattern(value: unknown): boolean {
  if (value instanceof RegExp) return isSlow(value.source, value.flags);
  if (Array.isArray(value)) return value.some(holdsSlowPattern);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]: [string, unknown]) => {
    if (key !== '$regex' && key !== 'regex') return holdsSlowPattern(item);
    const given = (value as Record<string, unknown>)[key === 'regex' ? 'options' : '$options'];
    const options = typeof given === 'string' ? given : '';
    if (item instanceof RegExp) return isSlow(item.source, item.flags + options);
    return typeof item === 'string' && isSlow(item, options);
  });
}

function isSlow(source: string, flags: string): boolean {
  const repeats = source.match(/[*+{]/g)?.length ?? 0;
  const isLinear = !flags.includes('i') && !/\(\?[=!<]|\(\?[msx]*i|\\[1-9k]/.test(source);
  return repeats > 1 && !isLinear;
}
