import { expect, test } from '@jest/globals';
import { type ChatApp, startChatApp } from '../testing/chat-app.ts';

function readConversation(chat: ChatApp, id: string, key = chat.bakery.secretKey) {
  return chat.app.http.get(`/v1/conversations/${id}`).set('X-API-Key', key);
}

test('the owner reads what an answer was made of: facts of the moment, passages, calls', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const hours = await chat.liveFileId('hours.md');
  const query = { query: 'bun', category: null, minPrice: null, maxPrice: null, inStockOnly: null, sort: null };
  chat.upstream
    .respond()
    .search([
      { file_id: hours, filename: 'hours.md', score: 0.8, text: 'Open from 7.' },
      { file_id: 'file_gone', filename: 'old.md', score: 0.2, text: 'long '.repeat(200) },
    ])
    .call('call_1', 'find_products', query)
    .complete();
  chat.upstream.respond().text('We open at 7.').complete();
  await (await visitor.say('When do you open?')).rest();

  const { status, body } = await readConversation(chat, visitor.threadId);

  expect(status).toBe(200);
  expect(body).toMatchObject({ id: visitor.threadId, state: 'open', nextCursor: null });
  expect(body.messages).toMatchObject([
    { role: 'user', answer: null },
    {
      role: 'assistant',
      parts: [{ type: 'text', text: 'We open at 7.' }],
      answer: {
        told: {
          now: expect.stringMatching(/open|closed/i),
          passages: [
            { name: 'hours.md', title: 'Opening hours', score: 0.8, text: 'Open from 7.' },
            { name: null, title: expect.stringContaining('replaced'), score: 0.2, text: expect.stringMatching(/…$/) },
          ],
        },
        calls: [{ name: 'find_products', arguments: query, output: { said: expect.any(String) } }],
        assistantVersion: 1,
        finishReason: 'stop',
        usage: { searches: 1 },
        firstTextMs: expect.any(Number),
      },
    },
  ]);
  expect(body.messages[1].answer.told.passages[1].text.length).toBeLessThan(700);
});

test('what was found and called is there too when the answer failed', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const hours = await chat.liveFileId('hours.md');
  chat.upstream
    .respond()
    .search([{ file_id: hours, filename: 'hours.md', score: 0.8, text: 'Open from 7.' }])
    .fail('invalid_prompt');
  await (await visitor.say('When do you open?')).rest();

  const { body } = await readConversation(chat, visitor.threadId);

  expect(body.messages[1]).toMatchObject({
    state: 'failed',
    answer: { told: { passages: [{ name: 'hours.md' }] }, firstTextMs: null },
  });
});

test('a conversation is read by its business alone, with a secret key', async () => {
  await using chat = await startChatApp();
  const visitor = await chat.visitor();
  const other = await chat.app.business();

  expect((await readConversation(chat, visitor.threadId, other.secretKey)).status).toBe(404);
  expect((await readConversation(chat, visitor.threadId, chat.bakery.publishableKey)).status).toBe(403);
  expect((await readConversation(chat, 'thr_none')).status).toBe(404);
});
