import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import { ChatBody, lastUserMessage, MessageView } from './chat.schema.ts';
import type { ChatService } from './chat.service.ts';
import { conversationRoutes } from './conversations.routes.ts';
import type { ChatMessage } from './enter-thread.ts';
import { answerTurn, idempotencyKeyOf, threadRoutes, visitorOf } from './threads.routes.ts';
import { parseEventId } from './ui-message-stream.ts';

/** All routes of conversations: a visitor's by our thread ids and as the AI SDK's `useChat` speaks, and the owner's view. */
export function chatRoutes(route: RouteBuilder, chat: ChatService): void {
  threadRoutes(route, chat);
  conversationRoutes(route, chat);

  route(
    {
      method: 'post',
      path: '/v1/chat',
      summary: "The AI SDK's chat request; the client's chat id names the thread",
      access: { by: 'visitor' },
      threadToken: true,
      // The client sends its whole history along.
      bodyBytesMax: 1_000_000,
      body: ChatBody,
      idempotencyKey: 'turn',
      answers: { 200: ['stream', MessageView] },
    },
    async ({ req, res, caller, body, admitted }) => {
      const { id: clientId, text } = lastUserMessage(body);
      const intent = intentOf(body, clientId);
      const message = { text, clientId, idempotencyKey: idempotencyKeyOf(req), intent, admitted };
      const turn = await chat.sendToChat(visitorOf(req, caller, body.visitor), body.id, message);
      return answerTurn(chat, caller.accountId, turn, req, res);
    },
  );

  route(
    {
      method: 'get',
      path: '/v1/chat/:id/stream',
      summary: 'Go on reading the answer that runs',
      access: { by: 'visitor' },
      threadToken: true,
      params: z.strictObject({ id: z.string().min(1).max(200) }),
      answers: { 200: ['stream', MessageView], 204: null },
    },
    async ({ req, res, caller, params }) => {
      const last = parseEventId(req.get('Last-Event-ID'));
      const turn = await chat.resume(visitorOf(req, caller), params.id, last?.turnId);
      if (turn === undefined) return { status: 204 };
      return answerTurn(chat, caller.accountId, turn, req, res);
    },
  );
}

/** `useChat` sends the id of an edited message along with the message itself. */
function intentOf({ trigger, messageId }: z.infer<typeof ChatBody>, clientId: string): ChatMessage['intent'] {
  if (trigger === 'regenerate-message') return 'again';
  return messageId === clientId ? 'edit' : 'new';
}
