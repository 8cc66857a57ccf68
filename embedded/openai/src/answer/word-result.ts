import { z } from 'zod';
import type { Passage } from '../search.ts';
import type { FunctionResult } from './conversation.ts';
import type { Language } from './language.ts';
import { PHRASES } from './phrases.ts';
import { parseJson } from './structured.ts';

/** What answers one ask, and the passage that it quotes. */
export interface Part {
  text: string;
  passage?: Passage;
}

const spokenOutput = z.looseObject({ said: z.string().min(1) });
const failedOutput = z.looseObject({ error: z.unknown() });

export function hasFailed({ output }: FunctionResult): boolean {
  return failedOutput.safeParse(parseJson(output)).success;
}

/** A function's output in words: what it says itself, otherwise its plain fields. Pure. */
export function wordResult({ output }: FunctionResult, language: Language): string {
  const parsed = parseJson(output);
  const spoken = spokenOutput.safeParse(parsed);
  if (spoken.success) return spoken.data.said;
  const phrases = PHRASES[language];
  if (failedOutput.safeParse(parsed).success) return phrases.failed;
  if (typeof parsed === 'string' && parsed.trim() !== '') return parsed;
  return wordFields(parsed) ?? phrases.unknown;
}

/** An output nobody worded: its plain fields, named. */
function wordFields(value: unknown): string | undefined {
  const fields = z.record(z.string(), z.unknown()).safeParse(value);
  if (!fields.success) return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  const told = Object.entries(fields.data)
    .filter(([, field]) => typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean')
    .map(([name, field]) => `${name.replace(/([a-z])([A-Z])|_/g, '$1 $2').toLowerCase()}: ${String(field)}`);
  return told.length > 0 ? `${told.slice(0, 6).join(', ')}.` : undefined;
}
