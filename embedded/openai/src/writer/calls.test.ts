import { expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { findProducts, openingHours } from '../testing.ts';
import { finish, MODEL, openDoor, sendDeltas } from './testing.ts';

const HOURS = { name: 'opening_hours', arguments: '{"date":null}' };
const PRODUCTS = { name: 'find_products', arguments: '{"query":"rye"}' };

test.each<[string, object[]]>([
  [
    'in pieces by index',
    [
      { index: 0, id: 'a', type: 'function', function: { name: 'opening_hours', arguments: '' } },
      { index: 0, function: { arguments: '{"date"' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'find_products', arguments: '' } },
      { index: 0, function: { arguments: ':null}' } },
      { index: 1, function: { arguments: '{"query":"rye"}' } },
    ],
  ],
  [
    'whole, all with the index 0',
    [
      { index: 0, id: 'a', function: HOURS },
      { index: 0, id: 'b', function: PRODUCTS },
    ],
  ],
  ['whole, without index or id', [{ function: HOURS }, { function: PRODUCTS }]],
  [
    'in pieces that repeat the id, without index',
    [
      { id: 'a', function: { name: 'opening_hours', arguments: '{"date":' } },
      { id: 'a', function: { arguments: 'null}' } },
      { id: 'b', function: PRODUCTS },
    ],
  ],
  [
    'with arguments that are an object',
    [
      { index: 0, id: 'a', function: { name: 'opening_hours', arguments: { date: null } } },
      { index: 1, id: 'b', function: { name: 'find_products', arguments: { query: 'rye' } } },
    ],
  ],
])(
  'function calls that come %s are put together, and only one is passed on where one was asked for',
  async (_, pieces) => {
    await using door = await openDoor((res) => {
      sendDeltas(res, { content: 'One moment.' }, ...pieces.map((piece) => ({ tool_calls: [piece] })));
      finish(res, 'tool_calls');
    });
    const tools = [openingHours, findProducts].map((tool) => ({ ...tool, strict: false }));
    const body = { model: MODEL, input: 'Hours, and rye?', tools };

    const all = await door.client.responses.create(body);
    const one = await door.client.responses.create({ ...body, parallel_tool_calls: false });

    expect(callsOf(all)).toEqual([HOURS, PRODUCTS]);
    expect(new Set(all.output.map((item) => ('call_id' in item ? item.call_id : item.id))).size).toBe(3);
    expect(all.output_text).toBe('One moment.');
    expect(callsOf(one)).toEqual([HOURS]);
  },
);

function callsOf({ output }: OpenAI.Responses.Response) {
  return output.flatMap((item) =>
    item.type === 'function_call' ? [{ name: item.name, arguments: item.arguments }] : [],
  );
}

test('a call that was cut for its length is not passed on', async () => {
  await using door = await openDoor((res) => {
    sendDeltas(res, { tool_calls: [{ index: 0, id: 'a', function: { name: 'find_products', arguments: '{"qu' } }] });
    finish(res, 'length');
  });

  const response = await door.client.responses.create({ model: MODEL, input: 'Rye?', tools: [findProducts] });

  expect(response).toMatchObject({ status: 'incomplete', output: [] });
});

test('what a call left unsaid is null for a strict function, what it said wrong stays for its caller to refuse', async () => {
  const said = ['{"query":"rye","maxPrice":"five"}', '{"query":'];
  await using door = await openDoor((res) => {
    sendDeltas(res, { tool_calls: [{ function: { name: 'find_products', arguments: said.shift() } }] });
    finish(res, 'tool_calls');
  });
  const call = async () =>
    (await door.client.responses.create({ model: MODEL, input: 'Rye?', tools: [findProducts] })).output[0];

  const first = await call();
  expect(first?.type === 'function_call' && JSON.parse(first.arguments)).toEqual({
    query: 'rye',
    category: null,
    maxPrice: 'five',
    minPrice: null,
    inStockOnly: null,
    sort: null,
  });
  expect(await call()).toMatchObject({ arguments: '{"query":' });
});
