import { dictionary } from '@zxcvbn-ts/language-common';
import { z } from 'zod';
import { AppError } from '../platform/errors.ts';

const LENGTH_MIN = 8;
const LENGTH_MAX = 128;
/** Shorter parts of names ("Bo", "Inc") would refuse too much. */
const CONTEXT_LENGTH_MIN = 4;

const OWN_WORDS = ['chatbusiness'];

/** Characters as people count them, after NFKC. */
const countCharacters = (text: string) => Array.from(text.normalize('NFKC')).length;

/** A password that somebody chooses; any characters, in any mixture. */
export const NewPassword = z
  .string()
  .max(1000)
  .refine((text) => text.isWellFormed(), 'holds half a character')
  .refine((text) => countCharacters(text) >= LENGTH_MIN, `must have at least ${LENGTH_MIN} characters`)
  .refine((text) => countCharacters(text) <= LENGTH_MAX, `must have at most ${LENGTH_MAX} characters`)
  .describe(
    `${LENGTH_MIN} to ${LENGTH_MAX} characters of any kind; common passwords are refused, and those with your names in them`,
  );

/** A password to compare with the one that was chosen. */
export const GivenPassword = z.string().min(1).max(1000);

let common: ReadonlySet<string> | undefined;

/**
 * Refuses what is guessed first: common passwords, and the words of whoever chooses it (e-mail address, names, this service's own).
 * @throws AppError `invalid-input`, naming `field`.
 */
export function requireGoodPassword(password: string, context: readonly string[], field = 'password'): void {
  common ??= new Set(dictionary['passwords-common']);
  const folded = fold(password);
  const message = common.has(folded)
    ? 'is one of the most common passwords; take another one'
    : [...OWN_WORDS, ...context].flatMap(wordsOf).some((word) => folded.includes(word))
      ? 'holds your e-mail address or a name that belongs to it; take another one'
      : undefined;
  if (message !== undefined) {
    throw new AppError('invalid-input', `${field}: ${message}`, { fields: [{ path: field, message }] });
  }
}

/** "Corner Bakery" forbids `corner bakery`, `cornerbakery`, but neither word alone; an address also what is before the @. */
function wordsOf(text: string): string[] {
  const folded = fold(text);
  const local = folded.includes('@') ? [folded.slice(0, folded.indexOf('@'))] : [];
  return [folded, folded.replaceAll(/[^\p{L}\p{N}]/gu, ''), ...local].filter(
    (word) => word.length >= CONTEXT_LENGTH_MIN,
  );
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
