import { ApiError } from './api-error.ts';
import type { Route } from './router.ts';

export const MODEL_ID = 'embedded-extractive';

const model = {
  id: MODEL_ID,
  object: 'model' as const,
  created: 1_795_478_400,
  owned_by: 'chatbusiness',
  description: 'No language model: it finds the best passage and answers with its sentences.',
};

export const modelRoutes: Route[] = [
  { method: 'GET', path: '/models', answer: () => ({ object: 'list', data: [model] }) },
  {
    method: 'GET',
    path: '/models/:model',
    answer: (call) => {
      const id = call.param('model');
      if (id === MODEL_ID) return model;
      throw new ApiError(404, `The model '${id}' does not exist.`, { param: 'model', code: 'model_not_found' });
    },
  },
];
