import type { ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { openEngine } from '../index.ts';
import { aStore, clientOf, fileSearch } from '../testing.ts';
import { finish, MODEL, openDoor, readAll, saying, send, sendDeltas, startChatServer } from './testing.ts';

const refusal = (status: number, body: string) => (res: ServerResponse) => {
  res.writeHead(status, { 'content-type': 'application/json' }).end(body);
};

test.each<[string, (res: ServerResponse) => void, string, RegExp]>([
  ['401', refusal(401, '{"error":{"message":"bad key"}}'), 'invalid_prompt', /answered 401: bad key$/],
  ['404', refusal(404, '{"error":{"message":"model not found"}}'), 'invalid_prompt', /answered 404: model not found$/],
  ['429', refusal(429, '{"error":"busy"}'), 'rate_limit_exceeded', /answered 429: busy$/],
  ['500', refusal(500, 'oops'), 'server_error', /answered 500$/],
  ['a cut connection', (res) => cut(res), 'server_error', /broke off/],
  [
    'an end without an ending',
    (res) => {
      sendDeltas(res, { content: 'We' });
      res.end();
    },
    'server_error',
    /broke off/,
  ],
  [
    'broken JSON',
    (res) => {
      res.write('data: {"choices":[\n\n');
      finish(res);
    },
    'server_error',
    /no chat completion/,
  ],
  [
    'an error in the stream',
    (res) => {
      sendDeltas(res, { content: 'We' });
      send(res, { error: { code: 400, message: 'too long for the context' } });
      finish(res);
    },
    'invalid_prompt',
    /too long for the context/,
  ],
  [
    'a call without a name',
    (res) => {
      sendDeltas(res, { tool_calls: [{ index: 0, id: 'a', function: { arguments: '{}' } }] });
      finish(res, 'tool_calls');
    },
    'server_error',
    /without a name/,
  ],
  ['silence before the first byte', () => undefined, 'server_error', /said nothing for 0\.3 s/],
  ['silence in the middle', (res) => sendDeltas(res, { content: 'We' }), 'server_error', /said nothing for 0\.3 s/],
])('%s ends the response as failed, with a code that tells whether to try again', async (_, answer, code, message) => {
  await using door = await openDoor(answer, 300);

  const events = await readAll(await door.client.responses.create({ model: MODEL, input: 'When?', stream: true }));

  expect(events.at(-1)).toMatchObject({
    type: 'response.failed',
    response: { status: 'failed', error: { code, message: expect.stringMatching(message) } },
  });
});

function cut(res: ServerResponse): void {
  sendDeltas(res, { content: 'We open' });
  setImmediate(() => res.destroy());
}

test('a chat server that is not there fails the response; searches work as ever', async () => {
  const gone = await startChatServer(saying('Hi.'));
  await gone[Symbol.asyncDispose]();
  const engine = openEngine({ path: ':memory:', writer: { url: gone.url, model: MODEL } });
  const client = clientOf(engine);
  const store = await aStore(client);

  const response = await client.responses.create({ model: MODEL, input: 'Parking?', tools: [fileSearch(store.id)] });

  expect(response).toMatchObject({
    status: 'failed',
    error: { code: 'server_error', message: expect.stringMatching(/tiny:1b.*not reachable.*ECONNREFUSED/) },
    output: [{ type: 'file_search_call', status: 'completed' }],
  });
  expect((await client.vectorStores.search(store.id, { query: 'parking' })).data).not.toEqual([]);
  await engine.close();
});

test('while the server says nothing, the stream tells that it is waited for', async () => {
  await using door = await openDoor(() => undefined, 300);

  const events = await readAll(await door.client.responses.create({ model: MODEL, input: 'When?', stream: true }));

  expect(events.filter(({ type }) => type === 'response.reasoning_text.delta')).toHaveLength(5);
});

test.each<[string, (controller: AbortController) => unknown]>([
  ['aborts', (controller) => controller.abort()],
  ['leaves the stream', () => 'left'],
])('the chat server is let go of when the caller %s', async (_, leave) => {
  await using door = await openDoor((res) => sendDeltas(res, { content: 'We ' }));
  const controller = new AbortController();
  const body = { model: MODEL, input: 'When?', stream: true as const };
  for await (const event of await door.client.responses.create(body, { signal: controller.signal })) {
    if (event.type === 'response.output_text.delta' && leave(controller) === 'left') break;
  }

  await door.chat.left;
});
