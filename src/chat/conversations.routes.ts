import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { AnswerRecord } from './answer-record.ts';
import { MessageView, ThreadParams, ThreadQuery, ThreadView, viewMessage, viewThread } from './chat.schema.ts';
import type { ChatService } from './chat.service.ts';
import type { Message } from './message.model.ts';

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

/** The owner's view of what visitors were told, and why. */
export function conversationRoutes(route: RouteBuilder, chat: ChatService): void {
  route(
    {
      method: 'get',
      path: '/v1/conversations/:id',
      summary: 'A conversation with what each answer was made of',
      access: { by: 'secret', scope: 'conversations:read' },
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
