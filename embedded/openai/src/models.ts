import { ApiError } from './api-error.ts';
import type { Route } from './router.ts';

/** The model without a language model. */
export const EXTRACTIVE_MODEL = 'embedded-extractive';

/** `/models`: the engine serves exactly one. */
export function createModelRoutes(modelId: string): Route[] {
  const model = {
    id: modelId,
    object: 'model' as const,
    created: 1_795_478_400,
    owned_by: 'chatbusiness',
    description:
      modelId === EXTRACTIVE_MODEL
        ? 'No language model: it finds the best passage and answers with its sentences.'
        : 'A chat server writes; the engine keeps the files and searches them.',
  };
  return [
    { method: 'GET', path: '/models', answer: () => ({ object: 'list', data: [model] }) },
    {
      method: 'GET',
      path: '/models/:model',
      answer: (call) => {
        requireModel(call.param('model'), modelId);
        return model;
      },
    },
  ];
}

/** @throws ApiError 404 unless `asked` is the model that is served */
export function requireModel(asked: string, served: string): void {
  if (asked === served) return;
  throw new ApiError(404, `The model '${asked}' does not exist.`, { param: 'model', code: 'model_not_found' });
}
