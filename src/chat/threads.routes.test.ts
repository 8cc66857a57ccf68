import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createVisitor, startChatApp } from '../testing/chat-app.ts';
import { ORIGIN } from '../testing/start-app.ts';

test('a thread is made with a token that is told once and stored as a hash', async () => {
  await using chat = await startChatApp();

  const made = await chat.app.http.post('/v1/threads').set({ 'X-API-Key': chat.bakery.publishableKey, Origin: ORIGIN });

  expect(made.status).toBe(201);
  expect(made.body).toEqual({ id: expect.stringMatching(/^thr_/), token: expect.stringMatching(/^[\w-]{43}$/) });
  const stored = await chat.app.service.platform.connection.collection('threads').findOne({});
  expect(JSON.stringify(stored)).not.toContain(made.body.token);
});

test.each(['GET ', 'POST messages', 'POST stop', 'POST handoff'])(
  '%s needs the token of the thread, and other businesses see no thread at all',
  async (route) => {
    await using chat = await startChatApp();
    const visitor = await chat.visitor();
    const other = await chat.app.business();
    const [method = '', path = ''] = route.split(' ');
    const body = { messages: { text: 'Hello' }, handoff: { email: 'visitor@mail.example' } }[path];
    const request = async (headers: Record<string, string>) => {
      const asked = createVisitor(chat.url, visitor.threadId, { ...visitor.headers, ...headers });
      const url = `${chat.url}/v1/threads/${visitor.threadId}`;
      const answer = method === 'GET' ? await fetch(url, { headers: asked.headers }) : await asked.post(path, body);
      return [answer.status, ((await answer.json()) as { type: string }).type.split(':').at(-1)];
    };

    expect(await request({ 'X-Thread-Token': 'wrong' })).toEqual([401, 'wrong-thread-token']);
    expect(await request({ 'X-Thread-Token': '' })).toEqual([401, 'wrong-thread-token']);
    expect(await request({ 'X-API-Key': other.publishableKey })).toEqual([404, 'not-found']);
  },
);

test('what a message may not be is refused by the name of the field', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const refusals: [string, unknown][] = [
    ['text', {}],
    ['text', { text: ' \u0000 ' }],
    ['text', { text: 'x'.repeat(4001) }],
    ['text', { text: 7 }],
    ['role', { text: 'Hello', role: 'system' }],
    ['body', []],
  ];
  for (const [field, body] of refusals) {
    const answer = await visitor.post('messages', body);

    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ path: field })] }),
    ]);
  }
});

test('a message of a megabyte is refused before it is read', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();

  const answer = await visitor.post('messages', { text: 'x'.repeat(1_048_576) });

  expect(answer.status).toBe(413);
});

test('a long thread is read in pages, the newest first', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  for (const answer of ['One', 'Two']) {
    chat.upstream.respond().text(answer).complete();
    await (await visitor.say(`Say ${answer}`)).rest();
  }
  const page = async (query: string) =>
    (await (
      await fetch(`${chat.url}/v1/threads/${visitor.threadId}?${query}`, { headers: visitor.headers })
    ).json()) as {
      messages: { parts: { text: string }[] }[];
      nextCursor: string | null;
    };

  const newest = await page('limit=3');
  const older = await page(`limit=3&cursor=${newest.nextCursor}`);

  expect(newest.messages.map((message) => message.parts[0]?.text)).toEqual(['One', 'Say Two', 'Two']);
  expect(older.messages.map((message) => message.parts[0]?.text)).toEqual(['Say One']);
  expect(older.nextCursor).toBeNull();
});

test('a visitor who asks for a person is stored once for each idempotency key, with a way to be reached', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const wish = { name: 'A visitor', phone: '+1 541 555 0199', note: 'Please call' };

  const first = await visitor.post('handoff', wish, { 'Idempotency-Key': 'wish-1' });
  const again = await visitor.post('handoff', wish, { 'Idempotency-Key': 'wish-1' });
  const unreachable = await visitor.post('handoff', { name: 'A visitor' });

  expect(first.status).toBe(201);
  expect(await again.json()).toEqual(await first.json());
  expect(unreachable.status).toBe(400);
  const stored = await chat.app.service.platform.connection.collection('handoffs').find().toArray();
  expect(stored).toMatchObject([{ by: 'visitor', phone: '+1 541 555 0199', email: null, reason: 'Please call' }]);
  expect((await visitor.read()).state).toBe('waiting_for_person');
});

test('a visitor who takes only JSON and leaves is no failure of the service', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  await using chat = await startChatApp({ log });
  const visitor = await chat.visitor();
  const model = chat.upstream.respond();
  const left = new AbortController();
  const asking = fetch(`${chat.url}/v1/threads/${visitor.threadId}/messages`, {
    method: 'POST',
    headers: { ...visitor.headers, Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: 'When do you open?' }),
    signal: left.signal,
  });
  await model.asked;
  left.abort();
  await expect(asking).rejects.toThrow();
  model.text('At 7.').complete();
  while ((await visitor.read()).isAnswering);

  expect(lines.filter((line) => line.includes('request.failed') || line.includes('unreadable'))).toEqual([]);
});

test('the API’s description tells both forms of an answer, and the key under which a message is one turn', async () => {
  await using chat = await startChatApp();

  const { body } = await chat.app.http.get('/openapi.json');

  for (const path of ['/v1/chat', '/v1/threads/{id}/messages']) {
    const { parameters, responses } = body.paths[path].post;
    expect(Object.keys(responses['200'].content)).toEqual(['text/event-stream', 'application/json']);
    expect(parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'Idempotency-Key' }));
  }
});

test('a business whose assistant is not set up yet says so, and its thread is free again', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  await chat.app.service.platform.connection.collection('assistants').deleteMany({});

  const answer = await visitor.post('messages', { text: 'Hello' });

  expect(answer.status).toBe(503);
  expect(await visitor.read()).toMatchObject({ isAnswering: false, messages: [] });
});
