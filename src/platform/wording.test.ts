import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { lineField } from './clean-text.ts';
import { invalidInput } from './problem-json.ts';

const Product = z.strictObject({
  name: lineField(5),
  price: z.int().min(0).max(9),
  tags: z.array(z.string()).max(1),
  stock: z.enum(['in', 'out']),
  email: z.email(),
  day: z.iso.date(),
  open: z.boolean(),
  own: z.string().regex(/^x/, 'must begin with x'),
});

const fine = {
  name: 'Bun',
  price: 1,
  tags: [],
  stock: 'in',
  email: 'a@b.example',
  day: '2026-11-24',
  open: true,
  own: 'x',
};

test.each([
  [{ name: '' }, 'name: must have at least 1 character'],
  [{ name: 'A long bun' }, 'name: must have at most 5 characters'],
  [{ name: undefined }, 'name: is missing'],
  [{ name: 7 }, 'name: must be text'],
  [{ price: -1 }, 'price: must be at least 0'],
  [{ price: 10 }, 'price: must be at most 9'],
  [{ price: 1.5 }, 'price: must be a whole number'],
  [{ price: '1' }, 'price: must be a number'],
  [{ tags: ['a', 'b'] }, 'tags: must have at most 1 item'],
  [{ tags: {} }, 'tags: must be a list'],
  [{ stock: 'gone' }, 'stock: must be one of in, out'],
  [{ email: 'me' }, 'email: must be an e-mail address'],
  [{ day: 'today' }, 'day: must be a date such as 2026-11-24'],
  [{ open: 'yes' }, 'open: must be true or false'],
  [{ own: 'y' }, 'own: must begin with x'],
  [{ colour: 'brown' }, 'colour: is not a field of this request'],
])('%j is said to a person: %s', (wrong, detail) => {
  const parsed = Product.safeParse({ ...fine, ...wrong });
  expect(parsed.error && invalidInput(parsed.error).detail).toBe(detail);
});
