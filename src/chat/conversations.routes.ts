import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { AnswerRecord } from './answer-record.ts';
import {
  MessageView,
  ThreadParams,
  ThreadQuery,
  ThreadView,
  viewMessage,
  viewThread,
  VisitorId,
} from './chat.schema.ts';
import type { ChatService } from './chat.service.ts';
import type { Message } from './message.model.ts';
import type { Thread } from './thread.model.ts';

const AnswerView = z
  .strictObject({
    told: z
      .strictObject({
        now: z.string().describe('What was true at that moment'),
        passages: z.array(
          z.strictObject({
            name: z.string().nullable().describe('Its context file; null if it was replaced meanwhile'),
            title: z.string(),
            score: z.number(),
            text: z.string(),
          }),
        ),
      })
      .describe('What the model was given beside instructions and conversation'),
    calls: z.array(z.strictObject({ name: z.string(), arguments: z.unknown(), output: z.unknown() })),
    assistantVersion: z.int(),
    finishReason: z.string(),
    usage: z.strictObject({
      inputTokens: z.int(),
      cachedTokens: z.int(),
      outputTokens: z.int(),
      searches: z.int(),
    }),
    firstTextMs: z.number().nullable().describe('From the message to the first word'),
    totalMs: z.number(),
  })
  .meta({ id: 'AnswerRecord' });

const ConversationView = ThreadView.extend({
  messages: z.array(MessageView.extend({ answer: AnswerView.nullable() }).meta({ id: 'ConversationMessage' })),
}).meta({ id: 'Conversation' });

const ListedConversation = ThreadView.omit({ messages: true, nextCursor: true })
  .extend({ lastMessageAt: z.iso.datetime() })
  .meta({ id: 'ListedConversation' });

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.thr_[0-9a-z]{26}$/, 'is not a cursor of this list')
    .transform((cursor) => ({ at: new Date(Number(cursor.split('.')[0])), _id: cursor.split('.')[1] ?? '' }))
    .optional(),
});

const VisitorErased = z
  .strictObject({ threads: z.int(), messages: z.int(), turns: z.int(), handoffs: z.int() })
  .describe('How many of each were deleted')
  .meta({ id: 'VisitorErased' });

/** The owner's view of what visitors were told, and why. */
export function conversationRoutes(route: RouteBuilder, chat: ChatService): void {
  route(
    {
      method: 'get',
      path: '/v1/conversations',
      summary: 'Conversations, the last that spoke first',
      access: { by: 'business', scope: 'conversations:read' },
      query: ListQuery,
      answers: { 200: z.strictObject({ data: z.array(ListedConversation), nextCursor: z.string().nullable() }) },
    },
    async ({ accountId, query: { limit, cursor } }) => {
      const threads = await chat.conversations.list(accountId, { limit, before: cursor });
      const last = threads.length === limit ? threads.at(-1) : undefined;
      const nextCursor = last === undefined ? null : `${last.lastMessageAt.getTime()}.${last._id}`;
      return { status: 200, body: { data: threads.map(viewListed), nextCursor } };
    },
  );

  route(
    {
      method: 'delete',
      path: '/v1/conversations/:id',
      summary: 'Delete a conversation with all that belongs to it',
      access: { by: 'business', scope: 'conversations:write', isRight: true },
      params: ThreadParams,
      answers: { 204: null },
    },
    async ({ accountId, params }) => {
      await chat.conversations.erase(accountId, params.id);
      return { status: 204 };
    },
  );

  route(
    {
      method: 'delete',
      path: '/v1/visitors/:visitor',
      summary: 'Delete all conversations of a visitor, as your server calls it',
      access: { by: 'business', scope: 'conversations:write', isRight: true },
      params: z.strictObject({ visitor: VisitorId }),
      answers: { 200: VisitorErased },
    },
    async ({ accountId, params }) => ({
      status: 200,
      body: await chat.conversations.eraseVisitor(accountId, params.visitor),
    }),
  );

  route(
    {
      method: 'get',
      path: '/v1/conversations/:id',
      summary: 'A conversation with what each answer was made of',
      access: { by: 'business', scope: 'conversations:read' },
      params: ThreadParams,
      query: ThreadQuery,
      answers: { 200: ConversationView },
    },
    async ({ accountId, params, query }) => {
      const thread = await chat.threads.getOfAccount(accountId, params.id);
      const messages = await chat.threads.listMessages(thread, { limit: query.limit, before: query.cursor });
      const view = viewThread(thread, messages, query.limit);
      return { status: 200, body: { ...view, messages: messages.map(viewConversationMessage) } };
    },
  );
}

function viewListed(thread: Thread): z.infer<typeof ListedConversation> {
  const { _id: id, state, createdAt, lastMessageAt, queue } = thread;
  return {
    id,
    state,
    createdAt: createdAt.toISOString(),
    lastMessageAt: lastMessageAt.toISOString(),
    isAnswering: queue.length > 0,
  };
}

function viewConversationMessage(message: Message): z.infer<typeof ConversationView>['messages'][number] {
  return { ...viewMessage(message), answer: message.answer === undefined ? null : viewAnswer(message.answer) };
}

function viewAnswer(answer: AnswerRecord): z.infer<typeof AnswerView> {
  const { told, calls, assistantVersion, finishReason, usage, firstTextMs, totalMs } = answer;
  const { now = '', passages = [] } = told ?? {};
  return {
    told: { now, passages: passages.map(({ name, title, score, text }) => ({ name, title, score, text })) },
    calls: calls.map((call) => ({
      name: call.name,
      arguments: readJson(call.arguments),
      output: readJson(call.output),
    })),
    assistantVersion,
    finishReason,
    usage,
    firstTextMs,
    totalMs,
  };
}

/** A model may write arguments that are no JSON; they are shown as they came. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
