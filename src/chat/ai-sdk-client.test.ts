import { expect, test } from '@jest/globals';
import { Chat } from '@ai-sdk/react';
import { DefaultChatTransport, type UIMessage } from 'ai';
import { type ChatApp, startChatApp } from '../testing/chat-app.ts';
import { ORIGIN } from '../testing/start-app.ts';

type Message = UIMessage<{ threadId: string; threadToken?: string }>;

test('the AI SDK’s own client holds a conversation: text, sources, token and the next message', async () => {
  await using service = await startChatApp();
  const hours = await service.liveFileId('hours.md');
  const { chat } = openChat(service);

  service.upstream.respond().text('We open ', 'at 7.').cite(hours, 'hours.md').complete();
  await chat.sendMessage({ text: 'When do you open?' });
  const second = service.upstream.respond().text('At 3 pm.');
  second.complete();
  await chat.sendMessage({ text: 'And close?' });

  expect(chat.error).toBeUndefined();
  expect(chat.status).toBe('ready');
  expect(chat.messages.map(({ role, parts }) => [role, parts.map((part) => part.type)])).toEqual([
    ['user', ['text']],
    ['assistant', ['step-start', 'text', 'source-document']],
    ['user', ['text']],
    ['assistant', ['step-start', 'text']],
  ]);
  expect(textOf(chat.messages.at(-1))).toBe('At 3 pm.');
  expect((await second.asked).input).toHaveLength(4);
});

test('the client comes back to an answer that runs and gets all of it', async () => {
  await using service = await startChatApp();
  const { chat, token } = openChat(service);
  const model = service.upstream.respond().text('We open ');
  const sending = chat.sendMessage({ text: 'When do you open?' });
  await model.asked;
  await untilText(chat, 'We open ');
  await chat.stop();
  await sending;

  const back = openChat(service, { id: chat.id, messages: chat.messages.slice(0, 1), token: token() });
  const resuming = back.chat.resumeStream();
  await untilText(back.chat, 'We open ');
  model.text('at 7.').complete();
  await resuming;

  expect(back.chat.error).toBeUndefined();
  expect(textOf(back.chat.messages.at(-1))).toBe('We open at 7.');
  await back.chat.resumeStream();
  expect(back.chat.status).toBe('ready');
});

test('regenerate replaces the last answer, for the client and in what is stored', async () => {
  await using service = await startChatApp();
  const { chat, token } = openChat(service);
  service.upstream.respond().text('We open at 8.').complete();
  await chat.sendMessage({ text: 'When do you open?' });
  const second = service.upstream.respond().text('We open at 7.');
  second.complete();

  await chat.regenerate();

  expect(chat.error).toBeUndefined();
  expect(chat.messages.map(textOf)).toEqual(['When do you open?', 'We open at 7.']);
  expect((await second.asked).input).toMatchObject([
    { role: 'developer' },
    { role: 'user', content: 'When do you open?' },
  ]);
  expect((await storedMessages(service, chat, token())).map(textOf)).toEqual(chat.messages.map(textOf));
});

test('an edited message takes the place of the first one and of what followed, more than once', async () => {
  await using service = await startChatApp();
  const { chat, token } = openChat(service);
  for (const answer of ['At 7.', 'At 3 pm.']) {
    service.upstream.respond().text(answer).complete();
    await chat.sendMessage({ text: `Question ${answer}` });
  }
  const messageId = chat.messages[0]?.id ?? '';

  service.upstream.respond().text('On foot.').complete();
  await chat.sendMessage({ text: 'How do I get there?', messageId });
  const last = service.upstream.respond().text('By bus.');
  last.complete();
  await chat.sendMessage({ text: 'How do I get there in winter?', messageId });

  expect(chat.error).toBeUndefined();
  expect(chat.messages.map(textOf)).toEqual(['How do I get there in winter?', 'By bus.']);
  expect((await last.asked).input).toHaveLength(2);
  expect((await storedMessages(service, chat, token())).map(textOf)).toEqual(chat.messages.map(textOf));
});

test('a message that never reached us is sent by the client’s retry', async () => {
  await using service = await startChatApp();
  const { chat } = openChat(service);
  chat.messages = [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'When do you open?' }] }];
  service.upstream.respond().text('We open at 7.').complete();

  await chat.regenerate();

  expect(chat.error).toBeUndefined();
  expect(chat.messages.map(textOf)).toEqual(['When do you open?', 'We open at 7.']);
});

test('an answer that fails is an error in the client, with what came before it', async () => {
  await using service = await startChatApp();
  const { chat } = openChat(service);
  service.upstream.respond().text('We open ').fail('invalid_prompt');

  await chat.sendMessage({ text: 'When do you open?' });

  expect(chat.status).toBe('error');
  expect(chat.error?.message).toMatch(/^Sorry/);
  expect(textOf(chat.messages.at(-1))).toBe('We open ');
});

test('a chat that exists is open to nobody without its token', async () => {
  await using service = await startChatApp();
  const { chat } = openChat(service);
  service.upstream.respond().text('We open at 7.').complete();
  await chat.sendMessage({ text: 'When do you open?' });

  const stranger = openChat(service, { id: chat.id });
  await stranger.chat.sendMessage({ text: 'What did they say?' });

  expect(stranger.chat.error?.message).toContain('wrong-thread-token');
});

test('what the body may not hold is refused by the name of the field', async () => {
  await using service = await startChatApp();
  const refusals: [string, object][] = [
    ['messages', { messages: [{ id: 'm1', role: 'assistant', parts: [] }] }],
    ['messages[0].id', { messages: [{ ...aMessage('Hello'), id: '' }] }],
    ['messages[0].parts', { messages: [{ id: 'm1', role: 'user', parts: [] }] }],
    ['messages[1].parts', { messages: [aMessage('Hello'), aMessage('x'.repeat(4001))] }],
    ['messages[0].parts', { messages: [{ id: 'm1', role: 'user', parts: 'Hello' }] }],
    ['trigger', { messages: [aMessage('Hello')], trigger: 'whatever' }],
    ['model', { messages: [aMessage('Hello')], model: 'other' }],
  ];
  for (const [field, body] of refusals) {
    const answer = await fetch(`${service.url}/v1/chat`, {
      method: 'POST',
      headers: { ...headersOf(service, undefined), 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: 'chat-1', trigger: 'submit-message', ...body }),
    });

    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ path: field })] }),
    ]);
  }
});

function openChat(service: ChatApp, given: { id?: string; messages?: Message[]; token?: string | undefined } = {}) {
  let { token } = given;
  const chat = new Chat<Message>({
    ...(given.id === undefined ? {} : { id: given.id }),
    ...(given.messages === undefined ? {} : { messages: given.messages }),
    transport: new DefaultChatTransport({
      api: `${service.url}/v1/chat`,
      headers: () => headersOf(service, token),
    }),
    onFinish: ({ message }) => {
      token ??= message.metadata?.threadToken;
    },
  });
  return { chat, token: () => token };
}

async function storedMessages(service: ChatApp, chat: Chat<Message>, token: string | undefined): Promise<Message[]> {
  const threadId = chat.messages.at(-1)?.metadata?.threadId ?? '';
  const stored = await fetch(`${service.url}/v1/threads/${threadId}`, { headers: headersOf(service, token) });
  return ((await stored.json()) as { messages: Message[] }).messages;
}

function headersOf(service: ChatApp, token: string | undefined): Record<string, string> {
  return {
    'X-API-Key': service.bakery.publishableKey,
    Origin: ORIGIN,
    ...(token === undefined ? {} : { 'X-Thread-Token': token }),
  };
}

function aMessage(text: string) {
  return { id: 'm1', role: 'user', parts: [{ type: 'text', text }] };
}

function textOf(message: Pick<UIMessage, 'parts'> | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Resolves when the last message reads so. */
async function untilText(chat: Chat<Message>, text: string): Promise<void> {
  const shown = Promise.withResolvers<void>();
  const look = (): void => {
    if (textOf(chat.messages.at(-1)) === text) shown.resolve();
  };
  const forget = chat['~registerMessagesCallback'](look);
  look();
  await shown.promise;
  forget();
}
