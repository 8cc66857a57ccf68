import type { Request, Response } from 'express';
import { addressOf } from '../platform/caller-address.ts';
import { AppError } from '../platform/errors.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { Answer, VisitorCaller } from '../platform/route.ts';
import { streamTurn } from './answer-stream.ts';
import {
  HandoffCreated,
  HandoffInput,
  MessageView,
  NewMessage,
  NewThread,
  ThreadCreated,
  ThreadExportView,
  ThreadParams,
  ThreadQuery,
  ThreadView,
  viewExport,
  viewMessage,
  viewThread,
} from './chat.schema.ts';
import type { ChatService } from './chat.service.ts';
import type { ReadableTurn } from './readable-turn.ts';
import type { Visitor } from './thread.service.ts';
import { FAILED_TEXT, parseEventId } from './ui-message-stream.ts';

/** The routes of a visitor's thread that is known by our id. */
export function threadRoutes(route: RouteBuilder, chat: ChatService): void {
  route(
    {
      method: 'post',
      path: '/v1/threads',
      summary: 'Begin a conversation; the token is told once',
      access: { by: 'visitor' },
      body: NewThread,
      answers: { 201: ThreadCreated },
    },
    async ({ req, caller, body }) => {
      const { thread, token } = await chat.threads.create(visitorOf(req, caller, body.visitor));
      return { status: 201, body: { id: thread._id, token } };
    },
  );

  route(
    {
      method: 'get',
      path: '/v1/threads/:id',
      summary: 'The conversation so far',
      access: { by: 'visitor' },
      threadToken: true,
      params: ThreadParams,
      query: ThreadQuery,
      answers: { 200: ThreadView },
    },
    async ({ req, caller, params, query }) => {
      const thread = await chat.threads.get(visitorOf(req, caller), params.id);
      const messages = await chat.threads.listMessages(thread, { limit: query.limit, before: query.cursor });
      return { status: 200, body: viewThread(thread, messages, query.limit) };
    },
  );

  route(
    {
      method: 'delete',
      path: '/v1/threads/:id',
      summary: 'Forget the conversation; what runs in it ends',
      access: { by: 'visitor', isRight: true },
      threadToken: true,
      params: ThreadParams,
      answers: { 204: null },
    },
    async ({ req, caller, params }) => {
      await chat.conversations.forget(visitorOf(req, caller), params.id);
      return { status: 204 };
    },
  );

  route(
    {
      method: 'get',
      path: '/v1/threads/:id/export',
      summary: 'The whole conversation, to take along',
      access: { by: 'visitor', isRight: true },
      threadToken: true,
      params: ThreadParams,
      answers: { 200: ThreadExportView },
    },
    async ({ req, caller, params }) => {
      const taken = await chat.conversations.export(visitorOf(req, caller), params.id);
      return { status: 200, body: viewExport(taken) };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/threads/:id/messages',
      summary: 'Say something; the answer is streamed, or given at once as JSON',
      access: { by: 'visitor' },
      threadToken: true,
      params: ThreadParams,
      body: NewMessage,
      idempotencyKey: 'turn',
      answers: { 200: ['stream', MessageView] },
    },
    async ({ req, res, caller, params, body, admitted }) => {
      const message = { text: body.text, id: idempotencyKeyOf(req), admitted };
      const turn = await chat.send(visitorOf(req, caller), params.id, message);
      return answerTurn(chat, caller.accountId, turn, req, res);
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/threads/:id/stop',
      summary: 'End the answers that run or wait; what was said is kept',
      access: { by: 'visitor' },
      threadToken: true,
      params: ThreadParams,
      answers: { 202: null },
    },
    async ({ req, caller, params }) => {
      await chat.stop(visitorOf(req, caller), params.id);
      return { status: 202 };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/threads/:id/handoff',
      summary: 'Ask for a person',
      access: { by: 'visitor' },
      threadToken: true,
      idempotent: true,
      params: ThreadParams,
      body: HandoffInput,
      answers: { 201: HandoffCreated },
    },
    async ({ req, caller, params, body }) => {
      const { name = null, email = null, phone = null, note = '' } = body;
      const contact = { name, email, phone, note, idempotencyKey: req.get('Idempotency-Key') };
      const handoff = await chat.requestHandoff(visitorOf(req, caller), params.id, contact);
      return { status: 201, body: handoff };
    },
  );
}

/** @throws AppError `invalid-input` when a browser says who its visitor is. */
export function visitorOf(req: Request, caller: VisitorCaller, visitorId?: string): Visitor {
  if (visitorId !== undefined && caller.kind !== 'secret') {
    const message = 'only your server may say which visitor it is, with a secret key';
    throw new AppError('invalid-input', `visitor: ${message}`, { fields: [{ path: 'visitor', message }] });
  }
  return { ...caller, threadToken: req.get('X-Thread-Token'), address: addressOf(req), visitorId };
}

/** @throws AppError when the header has a length that no key has. */
export function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.get('Idempotency-Key');
  if (key !== undefined && (key.length === 0 || key.length > 200)) {
    throw new AppError('invalid-input', 'Idempotency-Key: must have 1 to 200 characters');
  }
  return key;
}

/** Streams the turn, from where `Last-Event-ID` says if it is that turn's; waits for its end where only JSON is taken. */
export async function answerTurn(
  chat: ChatService,
  accountId: string,
  turn: ReadableTurn,
  req: Request,
  res: Response,
): Promise<Answer> {
  if (turn.threadToken !== undefined) res.set({ 'X-Thread-Id': turn.threadId, 'X-Thread-Token': turn.threadToken });
  if (req.accepts(['text/event-stream', 'application/json']) === 'application/json') {
    const answer = await waitForAnswer(chat, accountId, turn, res);
    return answer && { status: 200, body: viewMessage(answer) };
  }
  const last = parseEventId(req.get('Last-Event-ID'));
  await streamTurn(res, turn, { offset: last?.turnId === turn.id ? last.offset : 0 });
  return undefined;
}

/** Undefined if the visitor has left. */
async function waitForAnswer(chat: ChatService, accountId: string, turn: ReadableTurn, res: Response) {
  const left = new AbortController();
  res.on('close', () => left.abort());
  let isFailed = false;
  for await (const { part } of turn.read({ offset: 0, signal: left.signal })) isFailed = part.type === 'error';
  if (left.signal.aborted) return undefined;
  if (isFailed) throw new AppError('unavailable', FAILED_TEXT, { retryAfterS: 2 });
  return chat.getAnswer(accountId, turn);
}
