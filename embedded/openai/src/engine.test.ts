import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { openEngine, serveEngine } from './index.ts';
import { aStore, ask, clientOf, fileSearch, found, FUNCTIONS, MODEL, resend, TUESDAY, upload } from './testing.ts';

interface Door {
  client: OpenAI;
  close(): Promise<void>;
}

type OpenDoor = () => Promise<Door>;

const inProcess: OpenDoor = async () => {
  const engine = openEngine({ path: ':memory:', apiKey: 'secret' });
  return { client: clientOf(engine), close: () => engine.close() };
};

const overHttp: OpenDoor = async () => {
  const engine = openEngine({ path: ':memory:', apiKey: 'secret' });
  const server = await serveEngine(engine, { port: 0 });
  return {
    client: new OpenAI({ apiKey: 'secret', baseURL: server.url, maxRetries: 0 }),
    close: async () => {
      await server.close();
      await engine.close();
    },
  };
};

describe.each([
  ['in process', inProcess],
  ['over HTTP', overHttp],
])('the engine %s', (_, openDoor) => {
  let door: Door;
  let client: OpenAI;
  beforeEach(async () => {
    door = await openDoor();
    client = door.client;
  });
  afterEach(() => door.close());

  test('gives back an uploaded file byte for byte, lists it newest first, and forgets it when deleted', async () => {
    const first = await upload(client, 'first.md', 'one');
    const second = await upload(client, 'naïve name.md', 'two\u0000ü');

    const listed = await client.files.list({ purpose: 'assistants', limit: 1 });
    const content = await client.files.content(second);

    expect(listed.data.map(({ id, filename }) => [id, filename])).toEqual([[second, 'naïve name.md']]);
    expect((await listed.getNextPage()).data.map(({ id }) => id)).toEqual([first]);
    expect(await content.text()).toBe('two\u0000ü');
    expect(await client.files.delete(second)).toEqual({ id: second, object: 'file', deleted: true });
    await expect(client.files.retrieve(second)).rejects.toMatchObject({ status: 404, type: 'invalid_request_error' });
  });

  test('finds the passage that answers, scored between 0 and 1, with its file and attributes', async () => {
    const store = await aStore(client);

    const [best, ...others] = await found(client, store.id, 'where can I park my car, is there parking?');

    expect(best).toMatchObject({ file_id: store.fileIds['faqs.md'], filename: 'faqs.md', attributes: {} });
    expect(best?.content[0]?.text).toContain('free lot behind the shop');
    expect(best?.score).toBeGreaterThan(0);
    expect(best?.score).toBeLessThanOrEqual(1);
    for (const { score } of others) expect(score).toBeLessThanOrEqual(best?.score ?? 0);
  });

  test('finds words whatever their ending, case or accents', async () => {
    const store = await aStore(client);
    for (const query of ['JALAPENO', 'jalapeños', 'baking on friday']) {
      expect((await found(client, store.id, query))[0]?.content[0]?.text).toContain('Jalapeño cheddar');
    }
  });

  test('filters by attributes of each type before it limits, and negations include files without the key', async () => {
    const store = await client.vectorStores.create({});
    const attributes = [{ n: 1, s: 'a', b: true }, { n: 2, s: 'b', b: false }, { n: '1' }, {}];
    for (const [at, given] of attributes.entries()) {
      const file_id = await upload(client, `${at}.md`, `A note about parking, number ${at}.`);
      await client.vectorStores.files.create(store.id, { file_id, attributes: given });
    }
    const names = async (filters: OpenAI.ComparisonFilter | OpenAI.CompoundFilter) => {
      const page = await client.vectorStores.search(store.id, { query: 'parking', filters });
      return page.data
        .map(({ filename }) => filename[0])
        .sort()
        .join('');
    };

    expect(await names({ type: 'eq', key: 'n', value: 1 })).toBe('0');
    expect(await names({ type: 'ne', key: 'n', value: 1 })).toBe('123');
    expect(await names({ type: 'gt', key: 'n', value: 0 })).toBe('01');
    expect(await names({ type: 'lte', key: 's', value: 'a' })).toBe('0');
    expect(await names({ type: 'eq', key: 'b', value: false })).toBe('1');
    expect(await names({ type: 'in', key: 'n', value: [2, '1'] })).toBe('12');
    expect(await names({ type: 'nin', key: 'n', value: [2, '1'] })).toBe('03');
    const either = {
      type: 'or' as const,
      filters: [
        { type: 'eq' as const, key: 's', value: 'b' },
        { type: 'eq' as const, key: 'n', value: '1' },
      ],
    };
    expect(await names(either)).toBe('12');
    expect(await names({ type: 'and', filters: [either, { type: 'eq', key: 'b', value: false }] })).toBe('1');
    expect(await names({ type: 'eq', key: `x' OR 1=1 --`, value: `"]')` })).toBe('');
  });

  test('changed attributes count at once, a detached file is found no more, a deleted file is in no store', async () => {
    const store = await aStore(client);
    const faqs = store.fileIds['faqs.md'] ?? '';
    const filter = { type: 'eq' as const, key: 'kind', value: 'faq' };

    const updated = await client.vectorStores.files.update(faqs, {
      vector_store_id: store.id,
      attributes: { kind: 'faq' },
    });
    expect(updated.attributes).toEqual({ kind: 'faq' });
    expect(await found(client, store.id, 'parking', filter)).toHaveLength(1);

    await client.vectorStores.files.delete(faqs, { vector_store_id: store.id });
    expect(await found(client, store.id, 'parking')).toEqual([]);
    expect((await client.files.retrieve(faqs)).id).toBe(faqs);

    await client.files.delete(store.fileIds['bread.md'] ?? '');
    expect(await found(client, store.id, 'sourdough')).toEqual([]);
    expect((await client.vectorStores.retrieve(store.id)).file_counts.total).toBe(0);
  });

  test('refuses what file_search does not take and marks an empty file failed', async () => {
    const store = await client.vectorStores.create({});
    const csv = await upload(client, 'products.csv', 'sku,price');
    const empty = await upload(client, 'empty.md', ' \n');

    await expect(client.vectorStores.files.create(store.id, { file_id: csv })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_file',
      message: expect.stringContaining('Files with extensions [.csv] are not supported for retrieval.'),
    });
    const failed = await client.vectorStores.files.create(store.id, { file_id: empty });
    expect(failed).toMatchObject({ status: 'failed', last_error: { code: 'invalid_file' } });
    const listed = await client.vectorStores.files.list(store.id, { filter: 'failed' });
    expect(listed.data.map(({ id }) => id)).toEqual([empty]);
  });

  test('a batch indexes its files with each one’s attributes and counts what failed', async () => {
    const store = await client.vectorStores.create({});
    const good = await upload(client, 'a.md', 'Parking is free.');
    const bad = await upload(client, 'b.csv', 'x');
    const files = [{ file_id: good, attributes: { kind: 'note' } }, { file_id: bad }];

    const created = await client.vectorStores.fileBatches.create(store.id, { files });
    const batch = await client.vectorStores.fileBatches.poll(store.id, created.id, { pollIntervalMs: 5 });

    expect(batch.status).toBe('completed');
    expect(batch.file_counts).toEqual({ completed: 1, failed: 1, in_progress: 0, cancelled: 0, total: 2 });
    const listed = await client.vectorStores.fileBatches.listFiles(batch.id, {
      vector_store_id: store.id,
      order: 'asc',
    });
    expect(listed.data.map(({ status }) => status)).toEqual(['completed', 'failed']);
    expect((await found(client, store.id, 'parking'))[0]?.attributes).toEqual({ kind: 'note' });
    const both = { file_ids: [good], files };
    await expect(client.vectorStores.fileBatches.create(store.id, both)).rejects.toMatchObject({ status: 400 });
  });

  test('answers from the passage and cites its file where the words end', async () => {
    const store = await aStore(client);

    const response = await client.responses.create({
      model: MODEL,
      input: 'Can I bring my dog?',
      tools: [fileSearch(store.id)],
      include: ['file_search_call.results'],
    });

    expect(response.status).toBe('completed');
    expect(response.output_text).toBe('Dogs are welcome on the patio, not inside.');
    const [search, message] = response.output;
    expect(search).toMatchObject({ type: 'file_search_call', status: 'completed', queries: ['Can I bring my dog?'] });
    expect(search).toHaveProperty('results.0.file_id', store.fileIds['faqs.md']);
    expect(message).toMatchObject({
      content: [{ annotations: [{ type: 'file_citation', filename: 'faqs.md', index: response.output_text.length }] }],
    });
    expect(response.usage?.total_tokens).toBe(
      (response.usage?.input_tokens ?? 0) + (response.usage?.output_tokens ?? 0),
    );
    expect((await client.responses.retrieve(response.id)).output).toEqual(response.output);
  });

  test('says that it does not know, without a citation, when no passage is about the question', async () => {
    const store = await aStore(client);

    const response = await ask(client, 'Who won the world cup in 1998?', [fileSearch(store.id), ...FUNCTIONS]);

    expect(response.output_text).toContain("I don't have that information");
    expect(response.output.at(-1)).toHaveProperty('content.0.annotations', []);
  });

  test('streams the events in OpenAI’s order, numbered without a gap, and the deltas are the text', async () => {
    const store = await aStore(client);
    const stream = await client.responses.create({
      model: MODEL,
      input: 'Do you have parking?',
      tools: [fileSearch(store.id)],
      stream: true,
      stream_options: { include_obfuscation: false },
    });
    const events: ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);

    const types = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.file_search_call.in_progress',
      'response.file_search_call.searching',
      'response.file_search_call.completed',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.annotation.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, at) => at));
    const text = events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : [])).join('');
    expect(text).toBe('Yes, there is a free lot behind the shop. Enter from Oak Street.');
    expect(events.at(-1)).toMatchObject({
      response: { status: 'completed', usage: { output_tokens: expect.any(Number) } },
    });
  });

  test('streams a function call as argument deltas and words its output on the next request', async () => {
    const question = { role: 'user' as const, content: 'Are you open on Sunday?' };
    const input: OpenAI.Responses.ResponseInput = [{ role: 'developer', content: TUESDAY }, question];
    const stream = await client.responses.create({ model: MODEL, input, tools: FUNCTIONS, stream: true });
    const events: ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);

    const deltas = events.flatMap((event) =>
      event.type === 'response.function_call_arguments.delta' ? [event.delta] : [],
    );
    expect(JSON.parse(deltas.join(''))).toEqual({ date: '2026-11-29', location: null });
    const completed = events.at(-1);
    const output = completed?.type === 'response.completed' ? completed.response.output : [];
    const [call] = output;
    const callId = call?.type === 'function_call' ? call.call_id : '';
    const said = {
      type: 'function_call_output' as const,
      call_id: callId,
      output: '{"said":"We are closed on Sunday."}',
    };

    const answer = await client.responses.create({
      model: MODEL,
      input: [...input, ...resend(output), said],
      tools: FUNCTIONS,
    });

    expect(answer.output_text).toBe('We are closed on Sunday.');
    await expect(client.responses.create({ model: MODEL, input: [...input, said] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(`No tool call found for function call output with call_id ${callId}`),
    });
    await expect(client.responses.create({ model: MODEL, input: [...input, ...resend(output)] })).rejects.toMatchObject(
      {
        status: 400,
        message: expect.stringContaining(`No tool output found for function call ${callId}`),
      },
    );
  });

  test('ends a text at max_output_tokens as incomplete', async () => {
    const store = await aStore(client, {
      'long.md': `# Story\n\n${'A sentence about the bakery and its ovens '.repeat(20)}`,
    });
    const response = await client.responses.create({
      model: MODEL,
      input: 'Tell me about the bakery ovens',
      tools: [fileSearch(store.id)],
      max_output_tokens: 16,
    });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.usage?.output_tokens).toBe(16);
  });

  test.each<[string, Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming> & Record<string, unknown>, object]>([
    ['an unknown parameter', { colour: 'red' }, { status: 400, code: 'unknown_parameter', param: 'colour' }],
    ['an unknown model', { model: 'gpt-6-luna' }, { status: 404, code: 'model_not_found' }],
    ['a wrong type', { max_output_tokens: 'many' as unknown as number }, { status: 400, param: 'max_output_tokens' }],
    [
      'a tool without a store',
      { tools: [{ type: 'file_search', vector_store_ids: [] }] },
      { status: 400, param: 'tools[0].vector_store_ids' },
    ],
    ['an unknown store', { tools: [{ type: 'file_search', vector_store_ids: ['vs_no'] }] }, { status: 404 }],
  ])('refuses %s and names it', async (_name, body, error) => {
    await expect(client.responses.create({ model: MODEL, input: 'hi', ...body })).rejects.toMatchObject(error);
  });

  test('answers unknown addresses and ids 404 and a wrong key 401, in OpenAI’s error form', async () => {
    await expect(client.get('/assistants')).rejects.toMatchObject({ status: 404, type: 'invalid_request_error' });
    await expect(client.vectorStores.retrieve('vs_none')).rejects.toMatchObject({ status: 404 });
    await expect(client.models.retrieve('gpt-6-luna')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    await expect(client.withOptions({ apiKey: 'wrong' }).models.list()).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual([MODEL]);
  });

  test('an aborted stream ends where it is', async () => {
    const store = await aStore(client);
    const controller = new AbortController();
    const body = { model: MODEL, input: 'Do you deliver?', tools: [fileSearch(store.id)], stream: true as const };
    const types: string[] = [];
    for await (const event of await client.responses.create(body, { signal: controller.signal })) {
      types.push(event.type);
      if (event.type === 'response.in_progress') controller.abort();
    }
    expect(types).not.toContain('response.completed');
  });

  test('leaving a stream early leaves the engine fit for the next question', async () => {
    const store = await aStore(client);
    const body = { model: MODEL, input: 'Do you deliver?', tools: [fileSearch(store.id)] };
    const stream = await client.responses.create({ ...body, stream: true });
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') break;
    }
    expect((await client.responses.create(body)).output_text).toContain('within five miles');
  });
});
