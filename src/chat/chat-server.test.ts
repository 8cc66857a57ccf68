import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ORIGIN, startApp, type TestApp } from '../testing/start-app.ts';

interface ChatMessage {
  role: string;
  content: string;
}

/** A chat server with a "model" that looks prices up, and else says what it has read, with its source. */
const chatServer = createServer((req, res) => void answer(req, res));
let url: string;
let app: TestApp;

async function answer(req: AsyncIterable<Buffer>, res: ServerResponse): Promise<void> {
  const { messages } = JSON.parse(Buffer.concat(await Array.fromAsync(req)).toString()) as { messages: ChatMessage[] };
  const last = messages.at(-1);
  if (last?.role === 'tool') return say(res, { content: `It says: ${last.content}` });
  if (last?.content.includes('cost')) {
    const call = { name: 'find_products', arguments: '{"query":"sourdough loaf"}' };
    return say(res, { tool_calls: [{ index: 0, id: 'call_0', function: call }] });
  }
  const passages = [...(messages[0]?.content ?? '').matchAll(/<passage number="(\d)">\n(.*?)\n<\/passage>/gs)];
  const [, number, text] = passages.find(([passage]) => passage.includes('parking')) ?? [];
  return say(res, { content: `You asked "${last?.content}". ` }, { content: `${text} [${number}` }, { content: '].' });
}

function say(res: ServerResponse, ...deltas: object[]): void {
  for (const delta of deltas) res.write(`data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`);
  res.end('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
}

beforeEach(async () => {
  chatServer.listen(0, '127.0.0.1');
  await once(chatServer, 'listening');
  url = `http://127.0.0.1:${(chatServer.address() as AddressInfo).port}/v1`;
  app = await startApp({}, { ENGINE_CHAT_URL: url, ENGINE_CHAT_MODEL: 'tiny:1b' });
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  chatServer.closeAllConnections();
  chatServer.close();
});

test('with a chat server its model answers visitors: with the source that it read, and with the price of this moment', async () => {
  const bakery = await app.business({
    faqs: [{ question: 'Do you have parking?', answer: 'Yes, eight free spaces for parking.', order: 0 }],
  });
  const headers = { 'X-API-Key': bakery.publishableKey, Origin: ORIGIN, Accept: 'application/json' };
  const { body: thread } = await app.http.post('/v1/threads').set(headers);
  const ask = async (text: string) => {
    const { body } = await app.http
      .post(`/v1/threads/${thread.id}/messages`)
      .set({ ...headers, 'X-Thread-Token': thread.token })
      .send({ text });
    return JSON.stringify(body.parts);
  };

  const parking = await ask('Where can I leave my car for parking?');
  const before = await ask('What does the sourdough loaf cost?');
  await app.service.context.products.patch(bakery.accountId, 'LOAF', { price: { amount: 925, currency: 'USD' } });
  const after = await ask('What does it cost now?');

  expect(parking).toMatch(/You asked .*eight free spaces for parking\..*"filename":"faqs\.md"/);
  expect(parking).not.toContain('[1');
  expect([before, after]).toEqual([expect.stringContaining('$7.50'), expect.stringContaining('$9.25')]);
});
