import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { Faq } from './faq.model.ts';
import { FaqInput, FaqPatch, type FaqService } from './faq.service.ts';

const FaqView = z
  .strictObject({ id: z.string(), question: z.string(), answer: z.string(), order: z.int(), rev: z.int() })
  .meta({ id: 'Faq' });

const IdParams = z.object({ id: z.string().max(100) });
const read = { by: 'business', scope: 'context:read' } as const;
const write = { by: 'business', scope: 'context:write' } as const;

export function faqRoutes(route: RouteBuilder, faqs: FaqService): void {
  route(
    {
      method: 'get',
      path: '/v1/faqs',
      summary: 'All questions and answers, in the order they are shown',
      access: read,
      answers: { 200: z.strictObject({ data: z.array(FaqView) }) },
    },
    async ({ accountId }) => ({ status: 200, body: { data: (await faqs.list(accountId)).map(viewOf) } }),
  );

  route(
    {
      method: 'post',
      path: '/v1/faqs',
      summary: 'A new question and answer',
      access: write,
      body: FaqInput,
      idempotent: true,
      answers: { 201: FaqView },
    },
    async ({ accountId, body }) => answerWith(201, await faqs.create(accountId, body)),
  );

  route(
    {
      method: 'patch',
      path: '/v1/faqs/:id',
      summary: 'Change a question, its answer or its place',
      access: write,
      params: IdParams,
      body: FaqPatch,
      answers: { 200: FaqView },
    },
    async ({ accountId, params, body, ifMatch }) =>
      answerWith(200, await faqs.update(accountId, params.id, body, ifMatch)),
  );

  route(
    {
      method: 'delete',
      path: '/v1/faqs/:id',
      summary: 'Remove a question',
      access: write,
      params: IdParams,
      answers: { 204: null },
    },
    async ({ accountId, params, ifMatch }) => {
      await faqs.remove(accountId, params.id, ifMatch);
      return { status: 204 };
    },
  );
}

function answerWith(status: number, faq: Faq) {
  return { status, body: viewOf(faq), rev: faq.rev };
}

function viewOf({ _id: id, question, answer, order, rev }: Faq): z.infer<typeof FaqView> {
  return { id, question, answer, order, rev };
}
