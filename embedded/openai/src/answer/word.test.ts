import { afterAll, beforeAll, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { openEngine } from '../index.ts';
import { aStore, calls, clientOf, fileSearch, findProducts, MODEL, resend, TUESDAY } from '../testing.ts';

// A pottery studio: it sells pots, classes, and firings.
const FAQS = `# Questions visitors ask the Clay Room

## Do you deliver?

Within ten miles for $12. Anything else you pick up.

## Do you ship?

Anywhere in the country for $20, double boxed.

## How often do you fire?

Twice a week, on Mondays and Thursdays.

## May I bring my dog?

Yes, on a leash, but not to the wheels.

## Can I freeze my pass?

Yes, once a year for a month.

## How do I book a wheel?

Call us or come by. A deposit of $10 holds it.

## Do you have evening classes?

On Wednesdays from 6 pm.
`;
const SHELF = `# Products of the Clay Room

## Large vase, blue

Category: Vases
Price: $48.00
Stock: in stock (2 left)

Stoneware, 14 inches tall. Safe for dishwashers.

---

## Glaze firing

Category: Firings
Price: $15.00
Stock: in stock

Up to 12 inches. Ready in four days.
`;

interface Given {
  name: string;
  price: string;
  stock: string;
  description?: string;
}
const VASE: Given = {
  name: 'Large vase, blue',
  price: '$48.00',
  stock: 'in stock (2 left)',
  description: 'Stoneware, 14 inches tall. Safe for dishwashers.',
};
const FIRING: Given = {
  name: 'Glaze firing',
  price: '$15.00',
  stock: 'in stock',
  description: 'Up to 12 inches. Ready in four days.',
};
const MUG: Given = { name: 'Mug', price: '$9.00', stock: 'out of stock', description: 'Contains no lead.' };
const LESSON: Given = { name: 'Wheel lesson', price: '$60.00', stock: 'in stock', description: 'Two hours.' };

const engine = openEngine({ path: ':memory:' });
const client = clientOf(engine);
let storeId = '';
beforeAll(async () => {
  storeId = (await aStore(client, { 'faqs.md': FAQS, 'products.md': SHELF })).id;
});
afterAll(() => engine.close());

/** What is answered when every search for products gives these. */
async function answer(question: string, given: Given[] = []): Promise<string> {
  const tools = [fileSearch(storeId), findProducts];
  const output = JSON.stringify({ said: '', total: given.length, products: given });
  const input: OpenAI.Responses.ResponseInput = [
    { role: 'developer', content: TUESDAY },
    { role: 'user', content: question },
  ];
  let response = await client.responses.create({ model: MODEL, input, tools });
  while (calls(response).length > 0) {
    input.push(...resend(response.output));
    for (const item of response.output)
      if (item.type === 'function_call') input.push({ type: 'function_call_output', call_id: item.call_id, output });
    response = await client.responses.create({ model: MODEL, input, tools });
  }
  return response.output_text;
}

test.each([
  ['the words asked win over words for the same', 'whats the delivery fee', /^Within ten miles for \$12/],
  ['who wants it brought wants delivery', 'can you bring two pots to my house', /^Within ten miles/],
  ['how to order is no search for products', 'I want to book a wheel, how does it work?', /^Call us or come by/],
  ['a FAQ about an animal sells no food for it', 'do you sell dog food', /^I'm sorry, I couldn't find dog food/],
  ['yes to another question is told with it', 'can I share my pass', /^Perhaps this helps: “Can I freeze/],
  ['a near kind of the thing may help', 'do you have video classes', /^Perhaps this helps: “Do you have evening/],
  ['nobody’s name is told where none stands', 'who fires the pots', /^I'm sorry, I don't have/],
  ['what continues a question is asked with it', 'do you ship, and how much is it?', /^Anywhere in the country[^\n]*$/],
])('%s: %s', async (_name, question, said) => {
  expect(await answer(question)).toMatch(said);
});

test.each([
  ['a service is not in stock', 'how much is a glaze firing', [FIRING], 'Glaze firing costs $15.00.'],
  [
    'how many is answered by a number',
    'how many vases do you have left',
    [VASE],
    'We have 2 left of Large vase, blue, at $48.00.',
  ],
  [
    'how long is no question of how often',
    'how long does the glaze firing take',
    [FIRING],
    'Glaze firing: Ready in four days.',
  ],
  [
    'what a named product is like stands in its description, not in a FAQ',
    'is the large vase safe for a dog',
    [VASE],
    'Large vase, blue: Safe for dishwashers.',
  ],
  [
    'the cheapest that is gone is told with the cheapest that is there',
    'what is the cheapest?',
    [MUG, FIRING],
    'The cheapest is Mug: $9.00, out of stock. The cheapest in stock is Glaze firing: $15.00.',
  ],
  [
    'without something is what says so',
    'do you have anything without lead',
    [MUG, VASE],
    /^Sorry, Mug is out of stock/,
  ],
])('%s: %s', async (_name, question, given, said) => {
  const expected = typeof said === 'string' ? said : expect.stringMatching(said);
  expect(await answer(question, given)).toEqual(expected);
});

test('what a description doesn’t say is not known, and what it says is told', async () => {
  expect(await answer('how much does the large vase weigh', [VASE])).toMatch(
    /^I'm sorry, I don't have that information about Large vase, blue\. What I know: Stoneware/,
  );
});

test('what is only for a thing is not the thing, but comes close', async () => {
  expect(await answer('do you sell wheels', [LESSON])).toMatch(
    /^I'm sorry, I couldn't find wheels in what we offer\. Closest to it: Wheel lesson \(\$60\.00\)\.$/,
  );
});
