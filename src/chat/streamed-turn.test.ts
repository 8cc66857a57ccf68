import { expect, test } from '@jest/globals';
import { startChatApp } from '../testing/chat-app.ts';

test('an answer is streamed as it comes, then its sources, and is stored once it is told to be whole', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const hours = await chat.liveFileId('hours.md');
  const model = chat.upstream.respond();

  const stream = await visitor.say('When do you open?');
  model.text('We open ');
  const begun = await stream.until('text-delta');
  model.text('at 7.').cite(hours, 'hours.md').cite('file_gone', 'old.md').complete();
  const rest = await stream.rest();

  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'x-vercel-ai-ui-message-stream': 'v1',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  expect(begun).toEqual([
    { type: 'start', messageId: expect.stringMatching(/^msg_/), messageMetadata: { threadId: visitor.threadId } },
    { type: 'start-step' },
    { type: 'text-start', id: 't0' },
    { type: 'text-delta', id: 't0', delta: 'We open ' },
  ]);
  expect(rest).toEqual([
    { type: 'text-delta', id: 't0', delta: 'at 7.' },
    { type: 'text-end', id: 't0' },
    {
      type: 'source-document',
      sourceId: hours,
      mediaType: 'text/markdown',
      title: expect.any(String),
      filename: 'hours.md',
    },
    { type: 'finish-step' },
    { type: 'finish', finishReason: 'stop' },
  ]);
  expect(stream.lastEventId).toMatch(/^trn_\w+:13$/);
  const thread = await visitor.read();
  expect(thread.isAnswering).toBe(false);
  expect(thread.messages).toMatchObject([
    { role: 'user', state: 'done', parts: [{ type: 'text', text: 'When do you open?' }] },
    {
      id: begun[0]?.['messageId'],
      role: 'assistant',
      state: 'done',
      parts: [
        { type: 'text', text: 'We open at 7.' },
        { type: 'source-document', filename: 'hours.md' },
      ],
    },
  ]);
});

test('the model gets instructions, the thread so far, what is true now, and the words last', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const first = chat.upstream.respond().text('We open at 7.');
  first.complete();
  await (await visitor.say('When do you open?')).rest();
  const second = chat.upstream.respond().text('At 3 pm.');
  second.complete();

  await (await visitor.say('And\r\nwhen do you\u0007 close?')).rest();

  const asked = await second.asked;
  expect(asked.instructions).toContain('Corner Bakery');
  expect(asked.input).toEqual([
    { role: 'user', content: 'When do you open?' },
    { role: 'assistant', content: 'We open at 7.' },
    { role: 'developer', content: expect.stringMatching(/open|closed/i) },
    { role: 'user', content: 'And\nwhen do you close?' },
  ]);
  expect(asked.safety_identifier).toMatch(/^[0-9a-f]{64}$/);
  expect(asked.prompt_cache_key).toBe(`${chat.bakery.accountId}:1`);
});

test('who takes only JSON gets the whole answer at once', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().text('We open ', 'at 7.').complete();

  const answer = await visitor.post('messages', { text: 'When do you open?' }, { Accept: 'application/json' });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    role: 'assistant',
    state: 'done',
    parts: [{ type: 'text', text: 'We open at 7.' }],
  });
});

test('functions that the model calls are carried out and their outputs sent back, until it answers', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const first = chat.upstream.respond().text('One moment.').call('call_1', 'find_products', aQuery());
  first.complete();
  const second = chat.upstream.respond().call('call_2', 'opening_hours', { date: 'soon', location: null });
  second.complete();
  const third = chat.upstream.respond().text('The loaf is $7.50.');
  third.complete();

  const stream = await visitor.say('How much is the loaf?');
  const parts = await stream.rest();

  expect(stream.text).toBe('One moment.\n\nThe loaf is $7.50.');
  expect(parts.map((part) => part.type)).not.toContain('tool-input-available');
  expect((await second.asked).input?.slice(-2)).toEqual([
    expect.objectContaining({ type: 'function_call', call_id: 'call_1', name: 'find_products' }),
    { type: 'function_call_output', call_id: 'call_1', output: expect.stringContaining('Sourdough loaf') },
  ]);
  expect((await third.asked).input?.slice(-1)).toEqual([
    { type: 'function_call_output', call_id: 'call_2', output: expect.stringMatching(/^\{"error":"/) },
  ]);
});

test('after five calls the model has to answer with what it has', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const asking = [1, 2, 3, 4, 5].map((place) => {
    const response = chat.upstream.respond().call(`call_${place}`, 'find_products', aQuery());
    response.complete();
    return response;
  });
  const last = chat.upstream.respond().text('I found nothing.');
  last.complete();

  const stream = await visitor.say('How much is the loaf?');
  await stream.rest();

  expect(stream.text).toBe('I found nothing.');
  expect((await asking[4]?.asked)?.tool_choice).toBe('auto');
  expect((await last.asked).tool_choice).toBe('none');
});

test('that the team was told is shown to the visitor, and stored as a handoff once', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const wish = { name: null, email: null, phone: null, reason: 'A cake for 40' };
  chat.upstream.respond().call('call_1', 'request_human', wish).complete();
  const second = chat.upstream.respond().call('call_2', 'request_human', { ...wish, email: 'visitor@mail.example' });
  second.complete();
  chat.upstream.respond().text('They will write to you.').complete();

  const parts = await (await visitor.say('I want a cake for 40')).rest();

  expect((await second.asked).input?.at(-1)).toMatchObject({ output: expect.stringContaining('e-mail address') });
  expect(parts.filter((part) => part.type.startsWith('tool-'))).toEqual([
    {
      type: 'tool-input-available',
      toolCallId: 'call_2',
      toolName: 'request_human',
      input: { ...wish, email: 'visitor@mail.example' },
      dynamic: true,
    },
    { type: 'tool-output-available', toolCallId: 'call_2', output: { said: expect.any(String) }, dynamic: true },
  ]);
  const handoffs = chat.app.service.platform.connection.collection('handoffs');
  expect(await handoffs.find().toArray()).toMatchObject([
    { by: 'assistant', threadId: visitor.threadId, email: 'visitor@mail.example', reason: 'A cake for 40' },
  ]);
  expect((await visitor.read()).state).toBe('waiting_for_person');
});

test('a failure before the first word is tried again, and the visitor notices nothing', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.refuse(500);
  chat.upstream.respond().fail('server_error');
  chat.upstream.respond().text('We open at 7.').complete();

  const stream = await visitor.say('When do you open?');
  const parts = await stream.rest();

  expect(stream.text).toBe('We open at 7.');
  expect(parts.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
});

test('a failure that lasts is told in words for visitors, and as a problem to who takes JSON', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  for (let tries = 0; tries < 3; tries += 1) chat.upstream.refuse(503);
  chat.upstream.refuse(400);

  const parts = await (await visitor.say('When do you open?')).rest();
  const answer = await visitor.post('messages', { text: 'And now?' }, { Accept: 'application/json' });

  expect(parts.map((part) => part.type)).toEqual(['start', 'start-step', 'error']);
  expect(parts.at(-1)?.['errorText']).toMatch(/^Sorry/);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ type: 'urn:chatbusiness:problem:unavailable' });
  expect((await visitor.read()).messages.map((message) => message.state)).toEqual(['done', 'failed', 'done', 'failed']);
});

test('a failure after the first word ends the answer as an error, and what came is kept', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().text('We open ').close();

  const parts = await (await visitor.say('When do you open?')).rest();

  expect(parts.slice(-2).map((part) => part.type)).toEqual(['text-end', 'error']);
  expect((await visitor.read()).messages.at(-1)).toMatchObject({
    state: 'failed',
    parts: [{ type: 'text', text: 'We open ' }],
  });
});

test('an answer that says nothing is a failure, one that grew too long is not', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  chat.upstream.respond().complete();
  chat.upstream.respond().text('We open').incomplete('max_output_tokens');

  const empty = await (await visitor.say('When do you open?')).rest();
  const long = await (await visitor.say('And now?')).rest();

  expect(empty.at(-1)?.type).toBe('error');
  expect(long.at(-1)).toEqual({ type: 'finish', finishReason: 'length' });
});

function aQuery() {
  return { query: 'loaf', category: null, minPrice: null, maxPrice: null, inStockOnly: null, sort: null };
}
