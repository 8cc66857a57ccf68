import { z } from 'zod';
import { cleanText } from '../platform/clean-text.ts';
import { ContactEmail, ContactPhone } from '../communication/contact.schema.ts';
import type { ThreadExport } from './conversations.ts';
import type { Message } from './message.model.ts';
import type { Thread } from './thread.model.ts';
import { shownCalls } from './tools.ts';
import { sourcePart } from './ui-message-stream.ts';

/** What a visitor may say at once. NFC, so that the same word is the same text; no control characters but line ends. */
export const VisitorText = z
  .string()
  .overwrite(cleanText)
  .min(1, 'must not be empty')
  .max(4000, 'must have at most 4000 characters');

export const ThreadParams = z.strictObject({ id: z.string().min(1).max(100) });

/** What the business's own server calls a visitor; we keep a hash of it. */
export const VisitorId = z
  .string()
  .min(1)
  .max(200)
  .describe(
    'What your server calls this visitor; for secret keys only. By it all conversations of a visitor can be deleted',
  );

export const NewThread = z.strictObject({ visitor: VisitorId.optional() }).meta({ id: 'NewThread' });

export const ThreadCreated = z.strictObject({ id: z.string(), token: z.string() }).meta({ id: 'ThreadCreated' });

export const NewMessage = z.strictObject({ text: VisitorText }).meta({ id: 'NewMessage' });

const optionalText = (max: number) => z.string().trim().min(1).max(max).optional();

export const HandoffInput = z
  .strictObject({
    name: optionalText(200),
    email: ContactEmail.optional(),
    phone: ContactPhone.optional(),
    note: optionalText(2000),
  })
  .refine((input) => input.email !== undefined || input.phone !== undefined, {
    path: ['email'],
    message: 'give an email or a phone, so that somebody can answer',
  })
  .meta({ id: 'HandoffInput' });

export const HandoffCreated = z.strictObject({ id: z.string() }).meta({ id: 'HandoffCreated' });

const MessagePart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('source-document'),
    sourceId: z.string(),
    mediaType: z.string(),
    title: z.string(),
    filename: z.string(),
  }),
  z.strictObject({
    type: z.literal('dynamic-tool'),
    toolName: z.string(),
    toolCallId: z.string(),
    state: z.literal('output-available'),
    input: z.unknown(),
    output: z.unknown(),
  }),
]);

/** Reads as a message of the AI SDK, so that a client can begin with what is stored. */
export const MessageView = z
  .strictObject({
    id: z.string(),
    role: z.enum(['user', 'assistant']),
    parts: z.array(MessagePart),
    state: z.enum(['done', 'interrupted', 'failed']),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Message' });

export const ThreadQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, 'is not a cursor of this thread')
    .transform(Number)
    .optional(),
});

export const ThreadView = z
  .strictObject({
    id: z.string(),
    state: z.enum(['open', 'waiting_for_person']),
    createdAt: z.iso.datetime(),
    isAnswering: z.boolean().describe('A turn runs or waits'),
    messages: z.array(MessageView).describe('Oldest first'),
    nextCursor: z.string().nullable().describe('Leads to older messages'),
  })
  .meta({ id: 'Thread' });

const HandoffView = z
  .strictObject({
    id: z.string(),
    by: z.enum(['assistant', 'visitor']),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    reason: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Handoff' });

export const ThreadExportView = z
  .strictObject({
    id: z.string(),
    createdAt: z.iso.datetime(),
    messages: z.array(MessageView).describe('All of them, oldest first'),
    handoffs: z.array(HandoffView).describe('When a person was asked for, and what was left for them'),
  })
  .meta({ id: 'ThreadExport' });

export function viewExport({ thread, messages, handoffs }: ThreadExport): z.infer<typeof ThreadExportView> {
  return {
    id: thread._id,
    createdAt: thread.createdAt.toISOString(),
    messages: messages.map(viewMessage),
    handoffs: handoffs.map(({ _id: id, by, name, email, phone, reason, createdAt }) => ({
      id,
      by,
      name,
      email,
      phone,
      reason,
      createdAt: createdAt.toISOString(),
    })),
  };
}

export function viewMessage(message: Message): z.infer<typeof MessageView> {
  const calls = shownCalls(message.answer?.calls ?? []);
  return {
    id: message._id,
    role: message.role === 'visitor' ? 'user' : 'assistant',
    parts: [
      ...(message.text === '' ? [] : [{ type: 'text' as const, text: message.text }]),
      ...calls.map(({ callId, name, input, output }) => ({
        type: 'dynamic-tool' as const,
        toolName: name,
        toolCallId: callId,
        state: 'output-available' as const,
        input,
        output,
      })),
      ...(message.answer?.sources ?? []).map(sourcePart),
    ],
    state: message.state,
    createdAt: message.createdAt.toISOString(),
  };
}

export function viewThread(thread: Thread, messages: readonly Message[], limit: number): z.infer<typeof ThreadView> {
  const oldest = messages[0];
  return {
    id: thread._id,
    state: thread.state,
    createdAt: thread.createdAt.toISOString(),
    isAnswering: thread.queue.length > 0,
    messages: messages.map(viewMessage),
    nextCursor: oldest !== undefined && messages.length === limit ? String(oldest.seq) : null,
  };
}

/** The body of the AI SDK's `DefaultChatTransport`: the whole history, of which only the last message of the user counts. */
export const ChatBody = z
  .strictObject({
    id: z.string().min(1).max(200),
    messages: z
      .array(
        z.looseObject({
          id: z.string().max(200),
          role: z.enum(['system', 'user', 'assistant']),
          parts: z.array(z.looseObject({ type: z.string() })).max(1000),
        }),
      )
      .min(1)
      .max(1000),
    trigger: z.enum(['submit-message', 'regenerate-message']),
    messageId: z.string().max(200).optional(),
    visitor: VisitorId.optional(),
  })
  .meta({ id: 'ChatBody' });

/**
 * The last message of the user, its text parts as paragraphs.
 * @throws ZodError that names the message.
 */
export function lastUserMessage({ messages }: z.infer<typeof ChatBody>): { id: string; text: string } {
  const place = messages.findLastIndex((message) => message.role === 'user');
  const message = messages[place];
  if (message === undefined) throw refused(['messages'], 'must have a message of the user');
  if (message.id === '') throw refused(['messages', place, 'id'], 'must not be empty');
  const said = message.parts.flatMap((part, at) => {
    if (part.type !== 'text') return [];
    if (typeof part['text'] !== 'string') throw refused(['messages', place, 'parts', at, 'text'], 'must be text');
    return part['text'];
  });
  const text = VisitorText.safeParse(said.join('\n'));
  if (text.success) return { id: message.id, text: text.data };
  throw refused(['messages', place, 'parts'], text.error.issues[0]?.message ?? 'is not valid');
}

function refused(path: PropertyKey[], message: string): z.ZodError {
  return new z.ZodError([{ code: 'custom', path, message, input: undefined }]);
}
