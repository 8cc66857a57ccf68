import { describe, expect, test } from '@jest/globals';
import { findContact } from './say-contact.ts';
import { sayDayHours } from './say-hours.ts';
import { sayComparison, sayProducts, withoutAccessories } from './say-products.ts';
import { toProductAsk } from './product-ask.ts';
import { findWeek } from './week-hours.ts';

const TUESDAY = Temporal.PlainDate.from('2026-11-24');
const lamp = { name: 'Desk lamp', price: '$20.00', stock: 'in stock (3 left)', inStock: true };
const floor = { name: 'Floor lamp', price: '$45.00', stock: 'out of stock', inStock: false };
const passage = (text: string) => ({
  chunkId: 1,
  fileId: 'f',
  filename: 'a.md',
  attributes: {},
  heading: '',
  text,
  score: 1,
});

const ask = (text: string) => ({ kind: 'hours' as const, text, date: '2026-11-29', scope: 'day' as const });

describe('hours in a sentence', () => {
  const sunday = {
    date: '2026-11-29',
    closed: false,
    periods: [
      { open: '08:00', close: '12:00' },
      { open: '13:30', close: '18:00' },
    ],
  };

  test.each([
    ['are you open sunday?', "Yes, on Sunday, November 29, we're open 8 am to noon and 1:30 pm to 6 pm."],
    ['are you closed sunday?', "No, on Sunday, November 29, we're open 8 am to noon and 1:30 pm to 6 pm."],
    ['when do you open on sunday?', "On Sunday, November 29, we're open 8 am to noon and 1:30 pm to 6 pm."],
    ['can I come at 4 on sunday?', "On Sunday, November 29, we're open 8 am to noon and 1:30 pm to 6 pm."],
  ])('%s', (text, said) => {
    expect(sayDayHours(sunday, ask(text), TUESDAY, 'en')).toBe(said);
  });

  test('in Spanish, and a closed day with its reason', () => {
    expect(sayDayHours(sunday, ask('hours'), TUESDAY, 'es')).toMatch(
      /^El domingo,? 29 de noviembre abrimos de 8 am a mediodía/,
    );
    const closed = { date: '2026-11-26', closed: true, periods: [], note: 'Thanksgiving' };
    expect(sayDayHours(closed, ask('are you open thursday'), TUESDAY, 'en')).toBe(
      "No, on Thursday, November 26, we're closed (Thanksgiving).",
    );
  });

  test('a listed week is told with like days together', () => {
    const days = [
      'Monday: closed',
      'Tuesday: 7 am to 1 pm',
      'Wednesday: 7 am to 1 pm',
      'Thursday: 7 am to 1 pm',
      'Friday: closed',
    ];
    expect(findWeek([passage(days.map((day) => `- ${day}`).join('\n'))], 'en')?.text).toBe(
      'Our hours: Monday closed; Tuesday to Thursday 7 am to 1 pm; Friday closed.',
    );
  });
});

describe('products in a sentence', () => {
  test('one, several, none left, the cheapest', () => {
    expect(sayProducts([lamp], toProductAsk('', 'lamp', 'price'), 1, 'en')).toBe(
      'Desk lamp costs $20.00 and is in stock (3 left).',
    );
    expect(sayProducts([lamp, floor], toProductAsk('', 'lamp', 'have'), 2, 'en')).toBe(
      'Yes, we have two: Desk lamp ($20.00); Floor lamp ($45.00, out of stock).',
    );
    expect(sayProducts([floor], toProductAsk('', 'lamp', 'have'), 1, 'en')).toMatch(
      /^Sorry, Floor lamp is out of stock/,
    );
    const cheapest = { ...toProductAsk('', 'lamp', 'price'), sort: 'price_asc' as const };
    expect(sayProducts([lamp, floor], cheapest, 2, 'en')).toBe('The cheapest is Desk lamp: $20.00, in stock (3 left).');
  });

  test('a comparison reads off the prices', () => {
    const by = { ...toProductAsk('', 'lamp', 'compare'), wish: 'compare' as const, by: 'cheaper' as const };
    expect(sayComparison([floor, lamp], by)).toBe('Desk lamp is cheaper: it costs $20.00, Floor lamp $45.00.');
  });

  test('who asks for lamps gets no lamp shades, unless there is nothing else', () => {
    const shade = { name: 'Lamp shade', price: '$5.00' };
    expect(withoutAccessories([shade, lamp], 'lamps')).toEqual([lamp]);
    expect(withoutAccessories([shade], 'lamps')).toEqual([shade]);
  });
});

test('how to reach is read from the labelled line', () => {
  const passages = [passage('Phone: +1 541 555 0100'), passage('Address: 1 Main Street, Bend')];
  expect(findContact(passages, 'phone', 'en')?.text).toBe('Our phone number is +1 541 555 0100.');
  expect(findContact(passages, 'directions', 'es')?.text).toBe('Estamos en 1 Main Street, Bend.');
  expect(findContact(passages, 'email', 'en')).toBeUndefined();
});
