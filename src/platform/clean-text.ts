import { z } from 'zod';

/**
 * Text as people mean it: NFC, so that the same word is the same text; no lone surrogates and no control characters but line
 * ends; no blanks around it.
 */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .trim();
}

/** Text of several lines, at most `max` characters; may be empty. */
export function textField(max: number) {
  return z.string().overwrite(cleanText).max(max);
}

/** Text on one line, 1 to `max` characters. */
export function lineField(max: number) {
  return z
    .string()
    .overwrite((text) => cleanText(text).replaceAll('\n', ' '))
    .min(1)
    .max(max);
}

/** An http(s) address as the URL standard writes it, without a name or password in it. */
export const WebAddress = z
  .url({ protocol: /^https?$/, normalize: true })
  .max(2000)
  .refine(
    (address) => URL.parse(address)?.username === '' && URL.parse(address)?.password === '',
    'must not hold a password',
  );
