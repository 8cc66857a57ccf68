import { expect, test } from '@jest/globals';
import { type Clock, systemClock } from '../platform/clock.ts';
import { createScriptedUpstream } from '../testing/scripted-upstream.ts';
import { isTransientResponse, type ResponseEvent, type ResponseRequest, streamResponse } from './response-stream.ts';

const request: ResponseRequest = {
  model: 'scripted-model',
  instructions: 'You are the assistant of a bakery.',
  input: [{ role: 'user', content: 'Are you open?' }],
  vectorStoreId: 'vs_1',
  filters: { type: 'gt', key: 'expires_at', value: 1_790_000_000 },
  functions: [{ name: 'opening_hours', description: 'Opening hours', parameters: { type: 'object' } }],
  mayCall: true,
  maxOutputTokens: 800,
  cacheKey: `acc_${'x'.repeat(80)}:3`,
  safetyIdentifier: 'a'.repeat(64),
};

const signal = new AbortController().signal;

test('a request stores nothing, searches the store of the business with its filter, and offers strict functions', async () => {
  const upstream = createScriptedUpstream();
  const response = upstream.respond().text('Yes.');
  response.complete();

  await Array.fromAsync(streamResponse(upstream, request, { signal, clock: systemClock }));

  const asked = await response.asked;
  expect(asked).toMatchObject({
    stream: true,
    store: false,
    parallel_tool_calls: false,
    max_output_tokens: 800,
    include: ['file_search_call.results'],
    safety_identifier: request.safetyIdentifier,
    tools: [
      { type: 'file_search', vector_store_ids: ['vs_1'], max_num_results: 6, filters: request.filters },
      { type: 'function', name: 'opening_hours', strict: true },
    ],
  });
  expect(asked.prompt_cache_key).toHaveLength(64);
  expect(asked).not.toHaveProperty('reasoning');
});

test('a model that reasons is told how much, and its reasoning comes back sealed, since nothing is stored there', async () => {
  const upstream = { ...createScriptedUpstream(), reasoningEffort: 'low' };
  const response = upstream.respond().text('Yes.');
  response.complete();

  await Array.fromAsync(streamResponse(upstream, request, { signal, clock: systemClock }));

  expect(await response.asked).toMatchObject({
    reasoning: { effort: 'low' },
    include: ['file_search_call.results', 'reasoning.encrypted_content'],
  });
});

test('texts, refusals, citations, searches and calls come in order, and the end has what is to be sent back', async () => {
  const upstream = createScriptedUpstream();
  const response = upstream.respond();
  response.event({ type: 'response.created', response: {} }).event({ type: 'keepalive' });
  response.search([{ file_id: 'file_1', filename: 'hours.md', score: 0.9, text: 'Open from 7' }]);
  response.text('We open ', '', 'at 7.').cite('file_1', 'hours.md');
  response.event({ type: 'response.refusal.delta', item_id: 'msg_2', delta: 'I can’t say more.' });
  response.call('call_1', 'opening_hours', { date: null });
  response.complete();

  const events = await Array.fromAsync(streamResponse(upstream, request, { signal, clock: systemClock }));

  expect(events.slice(0, -1)).toEqual([
    { type: 'search', results: [{ fileId: 'file_1', filename: 'hours.md', score: 0.9, text: 'Open from 7' }] },
    { type: 'text', text: 'We open ' },
    { type: 'text', text: 'at 7.' },
    { type: 'citation', fileId: 'file_1', filename: 'hours.md', index: 0 },
    { type: 'text', text: '\n\nI can’t say more.' },
    { type: 'call', callId: 'call_1', name: 'opening_hours', arguments: '{"date":null}' },
  ]);
  expect(events.at(-1)).toMatchObject({
    type: 'completed',
    output: [{ type: 'file_search_call' }, { type: 'function_call', call_id: 'call_1' }],
    usage: { inputTokens: 100, cachedTokens: 40, outputTokens: 20 },
  });
});

test('a citation that stands only in the finished message is found, and each is told once', async () => {
  const upstream = createScriptedUpstream();
  const annotations = ['file_1', 'file_2'].map((file_id) => ({
    type: 'file_citation',
    file_id,
    filename: 'f',
    index: 0,
  }));
  const response = upstream.respond().cite('file_1', 'f');
  response.event({
    type: 'response.output_item.done',
    item: {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      content: [{ type: 'output_text', text: '', annotations }],
    },
  });
  response.complete();

  const events = await Array.fromAsync(streamResponse(upstream, request, { signal, clock: systemClock }));

  expect(events.flatMap((event) => (event.type === 'citation' ? [event.fileId] : []))).toEqual(['file_1', 'file_2']);
});

test('what a model says to itself on the way is not the answer', async () => {
  const upstream = createScriptedUpstream();
  const response = upstream.respond();
  response.event({ type: 'response.output_item.added', item: { type: 'message', id: 'msg_1', phase: 'commentary' } });
  response.text('Let me look.');
  response.event({ type: 'response.output_text.delta', item_id: 'msg_2', delta: 'Yes.' });
  response.complete();

  const events = await Array.fromAsync(streamResponse(upstream, request, { signal, clock: systemClock }));

  expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual(['Yes.']);
});

test('a response that is cut short by its length ends as incomplete, with the reason', async () => {
  const upstream = createScriptedUpstream();
  upstream.respond().text('We').incomplete('max_output_tokens');

  const events = await Array.fromAsync(streamResponse(upstream, request, { signal, clock: systemClock }));

  expect(events.at(-1)).toMatchObject({ type: 'incomplete', reason: 'max_output_tokens' });
});

test.each([
  ['a server error', (r: ReturnType<Scripted['respond']>) => r.fail('server_error'), true],
  ['an invalid prompt', (r: ReturnType<Scripted['respond']>) => r.fail('invalid_prompt'), false],
  ['an end without a terminal event', (r: ReturnType<Scripted['respond']>) => r.close(), true],
  ['bytes that are no JSON', (r: ReturnType<Scripted['respond']>) => r.raw('data: {oops\n\n').close(), true],
  [
    'an error event',
    (r: ReturnType<Scripted['respond']>) => r.event({ type: 'error', code: 'server_error', message: 'no' }).close(),
    true,
  ],
  [
    'a delta that is no text',
    (r: ReturnType<Scripted['respond']>) =>
      r.event({ type: 'response.output_text.delta', item_id: 'm', delta: 7 }).close(),
    false,
  ],
])('%s is thrown, after what came before it', async (_name, end, mayHelpToRetry) => {
  const upstream = createScriptedUpstream();
  end(upstream.respond().text('We '));
  const seen: ResponseEvent[] = [];

  const error = await collect(streamResponse(upstream, request, { signal, clock: systemClock }), seen);

  expect(seen).toEqual([{ type: 'text', text: 'We ' }]);
  expect(isTransientResponse(error)).toBe(mayHelpToRetry);
});

test('a refused request is thrown as the API said it', async () => {
  const upstream = createScriptedUpstream();
  upstream.refuse(400);

  const error = await collect(streamResponse(upstream, request, { signal, clock: systemClock }), []);

  expect(error).toMatchObject({ status: 400 });
  expect(isTransientResponse(error)).toBe(false);
});

test('a response that says nothing for 30 seconds is given up and let go of', async () => {
  const upstream = createScriptedUpstream();
  const response = upstream.respond().text('We ');
  const clock = createIdleClock();

  const events = streamResponse(upstream, request, { signal, clock });
  expect(await events.next()).toMatchObject({ value: { text: 'We ' } });
  const next = events.next();
  clock.pass(30_000);

  await expect(next).rejects.toThrow('said nothing for 30000 ms');
  await response.aborted;
});

test.each(['keepalive', 'response.in_progress', 'response.pondered'])(
  '%s is no progress: a response that says nothing else is given up all the same',
  async (type) => {
    const upstream = createScriptedUpstream();
    const response = upstream.respond().text('We ');
    const clock = createIdleClock();
    const events = streamResponse(upstream, request, { signal, clock });
    await events.next();
    const next = events.next();
    clock.pass(20_000);
    response.event({ type });
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    clock.pass(10_000);

    await expect(next).rejects.toThrow('said nothing for 30000 ms');
  },
);

test('a call without a name or an id is malformed; the model may do better when it is asked again', async () => {
  for (const [callId, name] of [
    ['', 'opening_hours'],
    ['call_1', ''],
  ] as const) {
    const upstream = createScriptedUpstream();
    upstream.respond().call(callId, name, {}).complete();

    const error = await collect(streamResponse(upstream, request, { signal, clock: systemClock }), []);

    expect(isTransientResponse(error)).toBe(true);
  }
});

test('an aborted response throws the reason of its end, and lets go of the request', async () => {
  const upstream = createScriptedUpstream();
  const response = upstream.respond().text('We ');
  const stop = new AbortController();

  const events = streamResponse(upstream, request, { signal: stop.signal, clock: systemClock });
  await events.next();
  const next = events.next();
  stop.abort(new Error('stopped by the visitor'));

  await expect(next).rejects.toThrow('stopped by the visitor');
  await response.aborted;
});

type Scripted = ReturnType<typeof createScriptedUpstream>;

async function collect(events: AsyncIterable<ResponseEvent>, seen: ResponseEvent[]): Promise<unknown> {
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** A clock whose time passes when it is told to. */
function createIdleClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  const waits: { until: number; resolve: () => void }[] = [];
  return {
    now: () => new Date(now),
    wait: (ms) => new Promise((resolve) => waits.push({ until: now + ms, resolve })),
    pass(ms) {
      now += ms;
      for (const wait of waits) if (wait.until <= now) wait.resolve();
    },
  };
}
