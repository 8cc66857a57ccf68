import type { ResponseRequest } from '../response-request.ts';
import type { Passage } from '../search.ts';
import type { AllowedTools } from '../tool-choice.ts';
import { toChatMessages } from './chat-messages.ts';

/** The body of `POST /chat/completions` that asks the same. Pure. */
export function toChatRequest(
  request: ResponseRequest,
  { functions }: AllowedTools,
  { passages, hasResults }: { passages: Passage[]; hasResults: boolean },
) {
  const { max_output_tokens, temperature, top_p } = request;
  return {
    model: request.model,
    messages: toChatMessages(request, passages),
    stream: true,
    stream_options: { include_usage: true },
    // Not every server heeds a choice of `none`: functions that may not be called aren't named.
    ...(functions.length > 0 && {
      tools: functions.map(({ name, description, parameters }) => ({
        type: 'function',
        function: {
          name,
          ...(description && { description }),
          parameters: parameters ?? { type: 'object', properties: {} },
        },
      })),
      ...(!hasResults && toolChoiceOf(request)),
      ...(request.parallel_tool_calls === false && { parallel_tool_calls: false }),
    }),
    ...(max_output_tokens && { max_tokens: max_output_tokens }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof top_p === 'number' && { top_p }),
  };
}

/** A tool that must be used: a search was made anyway, so only functions have to be asked for. */
function toolChoiceOf({ tools, tool_choice: choice }: ResponseRequest): object {
  if (typeof choice === 'object' && choice.type === 'function') {
    return { tool_choice: { type: 'function', function: { name: choice.name } } };
  }
  const isRequired =
    choice === 'required' ||
    (typeof choice === 'object' && choice.type === 'allowed_tools' && choice.mode === 'required');
  return isRequired && !tools.some(({ type }) => type === 'file_search') ? { tool_choice: 'required' } : {};
}
