import type { z } from 'zod';

/** How zod's own complaints are put to people. A schema's own words go before these. */
export function sayIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${article(issue.expected)}`;
    case 'too_small':
      return sayBound(issue.origin, Number(issue.minimum), 'at least');
    case 'too_big':
      return sayBound(issue.origin, Number(issue.maximum), 'at most');
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] === undefined ? undefined : `must be ${FORMATS[issue.format]}`;
    default:
      return undefined;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a web address',
  date: 'a date such as 2026-11-24',
  datetime: 'a time such as 2026-11-24T09:00:00Z',
};

function sayBound(origin: string, bound: number, most: string): string | undefined {
  if (origin === 'string') return `must have ${most} ${bound} character${bound === 1 ? '' : 's'}`;
  if (origin === 'array') return `must have ${most} ${bound} item${bound === 1 ? '' : 's'}`;
  if (origin === 'number' || origin === 'int') return `must be ${most} ${bound}`;
  return undefined;
}

function article(expected: string): string {
  const name = { int: 'whole number', boolean: 'true or false', array: 'list', string: 'text' }[expected] ?? expected;
  if (name === 'text' || name === 'true or false') return name;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
