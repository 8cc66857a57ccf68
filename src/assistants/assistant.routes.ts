import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import type { Assistant } from './assistant.model.ts';
import type { AssistantService } from './assistant.service.ts';

const AssistantView = z
  .strictObject({
    version: z.int(),
    model: z.string(),
    maxOutputTokens: z.int(),
    instructions: z.string(),
    vectorStoreId: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Assistant' });

const AssistantPatch = z
  .strictObject({ model: z.string().trim().min(1).max(100), maxOutputTokens: z.int().min(50).max(4000) })
  .partial()
  .meta({ id: 'AssistantPatch' });

export function assistantRoutes(route: RouteBuilder, assistants: AssistantService): void {
  route(
    {
      method: 'get',
      path: '/v1/assistant',
      summary: 'The assistant as it answers now',
      access: { by: 'business', scope: 'assistant:read' },
      answers: { 200: AssistantView },
    },
    async ({ accountId }) => answerWith(await assistants.getCurrent(accountId)),
  );

  route(
    {
      method: 'patch',
      path: '/v1/assistant',
      summary: 'Change the model or the length of answers, as a new version',
      access: { by: 'business', scope: 'assistant:write' },
      body: AssistantPatch,
      answers: { 200: AssistantView },
    },
    async ({ accountId, body, ifMatch }) => answerWith(await assistants.update(accountId, body, ifMatch)),
  );

  route(
    {
      method: 'get',
      path: '/v1/assistant/versions',
      summary: 'The last versions, newest first',
      access: { by: 'business', scope: 'assistant:read' },
      answers: { 200: z.strictObject({ data: z.array(AssistantView) }) },
    },
    async ({ accountId }) => {
      const versions = await assistants.listVersions(accountId, 30);
      return { status: 200, body: { data: versions.map(viewOf) } };
    },
  );
}

function answerWith(assistant: Assistant) {
  return { status: 200, body: viewOf(assistant), rev: assistant.version };
}

function viewOf(assistant: Assistant): z.infer<typeof AssistantView> {
  const { version, model, maxOutputTokens, instructions, vectorStoreId, createdAt } = assistant;
  return { version, model, maxOutputTokens, instructions, vectorStoreId, createdAt: createdAt.toISOString() };
}
