import { afterAll, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { openEngine } from '../index.ts';
import { aStore, ask, calls, clientOf, fileSearch, FUNCTIONS, MODEL, resend } from '../testing.ts';

const hours = (date: string | null) => [{ name: 'opening_hours', arguments: { date, location: null } }];
const products = (given: object) => [
  {
    name: 'find_products',
    arguments: {
      query: null,
      category: null,
      maxPrice: null,
      minPrice: null,
      inStockOnly: null,
      sort: null,
      ...given,
    },
  },
];

describe('the answerer', () => {
  const engine = openEngine({ path: ':memory:' });
  const client = clientOf(engine);
  afterAll(() => engine.close());

  test.each([
    ['r u open sunday?', hours('2026-11-29')],
    ['What are your hours?', hours(null)],
    ['When do you close tomorrow', hours('2026-11-25')],
    ['are you open on christmas eve?', hours('2026-12-24')],
    ['And on Thanksgiving?', hours('2026-11-26')],
    ['how much is the sourdough loaf?', products({ query: 'sourdough loaf' })],
    ['Do you have any gluten-free bread?', products({ query: 'gluten-free bread' })],
    ["what's the cheapest coffee?", products({ category: 'coffee', sort: 'price_asc' })],
    ['anything under $5?', products({ maxPrice: 5 })],
    [
      'feeders between $10 and $25.50 in stock',
      products({ category: 'feeders', minPrice: 10, maxPrice: 25.5, inStockOnly: true }),
    ],
    ['Hi! Are you open now? Thanks', hours(null)],
  ])('asks the function that knows: %s', async (question, expected) => {
    expect(calls(await ask(client, question, FUNCTIONS))).toEqual(expected);
  });

  test('asks two functions at once when two things are asked, one after the other when told so', async () => {
    const question = 'Are you open tomorrow and how much is the rye?';
    expect(calls(await ask(client, question, FUNCTIONS)).map(({ name }) => name)).toEqual([
      'opening_hours',
      'find_products',
    ]);
    const response = await client.responses.create({
      model: MODEL,
      input: question,
      tools: FUNCTIONS,
      parallel_tool_calls: false,
    });
    expect(calls(response)).toHaveLength(1);
  });

  test('hands a visitor to a person with what they left', async () => {
    const question = 'Can someone call me about a wedding cake? My name is Ada Byron, +1 541-555-0134, ada@example.com';
    expect(calls(await ask(client, question, FUNCTIONS))).toEqual([
      {
        name: 'request_human',
        arguments: { name: 'Ada Byron', email: 'ada@example.com', phone: '+1 541-555-0134', reason: question },
      },
    ]);
  });

  test('"yes" to its offer passes the question before it on', async () => {
    const declined = await ask(client, 'Who built the clock tower?', FUNCTIONS);
    const input: OpenAI.Responses.ResponseInput = [
      { role: 'user', content: 'Who built the clock tower?' },
      { role: 'assistant', content: declined.output_text },
      { role: 'user', content: 'yes please' },
    ];
    const response = await client.responses.create({ model: MODEL, input, tools: FUNCTIONS });
    expect(calls(response)).toMatchObject([
      { name: 'request_human', arguments: { reason: 'Who built the clock tower?' } },
    ]);
  });

  test('a search for products that finds none is answered by a passage', async () => {
    const store = await aStore(client);
    const tools = [fileSearch(store.id), ...FUNCTIONS];
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Do you have parking?' }];
    const first = await client.responses.create({ model: MODEL, input, tools });
    const [call] = first.output;
    const output = {
      type: 'function_call_output' as const,
      call_id: call?.type === 'function_call' ? call.call_id : '',
      output: '{"said":"We found no such product.","products":[]}',
    };

    const second = await client.responses.create({
      model: MODEL,
      input: [...input, ...resend(first.output), output],
      tools,
    });

    expect(second.output_text).toContain('free lot behind the shop');
  });

  test.each([
    ['What is in the almond croissant?', 'Almond croissant: Contains: wheat, butter, almonds, eggs.'],
    ['How much is the almond croissant?', 'Almond croissant: Price: $4.75.'],
    ['Is there wifi? And can I bring my dog?', 'Yes, free for guests.\n\nDogs may sit outside.'],
    ['The president of France, who is that?', expect.stringContaining("I can't help with that")],
    ['Who built the clock tower?', expect.stringContaining("I don't have that information")],
  ])('answers with the sentence that fits: %s', async (question, answer) => {
    const store = await aStore(client, {
      'faqs.md':
        '# Questions\n\n## Is there wifi?\n\nYes, free for guests.\n\n## Can I bring my dog?\n\nDogs may sit outside.',
      'products.md': '## Almond croissant\n\n- SKU: P-2\n- Price: $4.75\n- Contains: wheat, butter, almonds, eggs\n',
    });
    expect((await ask(client, question, [fileSearch(store.id)])).output_text).toEqual(answer);
  });

  test.each([
    ['how much are the swim finns?', 'swim fins'],
    ['how much are the swim flippers?', 'swim flippers'],
  ])('slips are mended by words of the files, where one is near: %s', async (question, query) => {
    const store = await aStore(client, {
      'one.md': '## Swim cap\n\nKeeps hair dry.\n',
      'two.md': '## Short fins\n\nTo swim in the pool.\n',
    });
    const tools = [fileSearch(store.id), ...FUNCTIONS];
    expect(calls(await ask(client, question, tools))).toEqual(products({ query }));
  });

  test('greets with the persona’s words, takes thanks, and says that it is no person', async () => {
    const greeted = await client.responses.create({
      model: MODEL,
      input: 'hi there!',
      instructions: 'Be kind.\nGreeting: Hello from the bakery!',
      tools: FUNCTIONS,
    });
    expect(greeted.output_text).toBe('Hello from the bakery!');
    expect((await ask(client, 'Thank you so much!', FUNCTIONS)).output_text).toMatch(/^You're welcome/);
    expect((await ask(client, 'are you a real person?', FUNCTIONS)).output_text).toContain(
      "I'm an AI assistant, not a person",
    );
  });

  test('tool_choice none calls nothing, a named function is called, required uses some tool', async () => {
    const body = { model: MODEL, input: 'Are you open now?', tools: FUNCTIONS };
    expect(calls(await client.responses.create({ ...body, tool_choice: 'none' }))).toEqual([]);
    const named = await client.responses.create({ ...body, tool_choice: { type: 'function', name: 'request_human' } });
    expect(calls(named)).toEqual([
      { name: 'request_human', arguments: { name: null, email: null, phone: null, reason: 'Are you open now?' } },
    ]);
    const required = await client.responses.create({ ...body, input: 'hello', tool_choice: 'required' });
    expect(calls(required)).toHaveLength(1);
  });
});
