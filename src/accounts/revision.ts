import { AppError } from '../platform/errors.ts';

/** Matches the revision that the caller has read, if it said which. */
export function revisionFilter(ifMatch: number | undefined): { rev?: number } {
  return ifMatch === undefined ? {} : { rev: ifMatch };
}

export function staleError(): AppError {
  return new AppError('stale', 'If-Match: this is not the newest revision; read it again before you change it');
}

/** `{ tone }` in `persona` as `{ 'persona.tone': tone }`, so that what a patch doesn't name stays. */
export function flattenInto(name: string, fields: object | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields ?? {}).map(([key, value]) => [`${name}.${key}`, value]));
}
