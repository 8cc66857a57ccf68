import { estimateTokens, type OutputItem, type Usage } from './response-object.ts';
import type { ResponseRequest } from './response-request.ts';
import { type Passage, passageText } from './search.ts';
import { mergePassages } from './search-route.ts';

/** What a response took, estimated from the lengths of its texts. */
export function estimateUsage(request: ResponseRequest, output: OutputItem[], passages: Passage[]): Usage {
  const read = [JSON.stringify(request.input), request.instructions ?? '', JSON.stringify(request.tools)];
  const inputTokens = [...read, ...mergePassages(passages).map(passageText)].reduce(
    (sum, text) => sum + estimateTokens(text),
    0,
  );
  return toUsage({ inputTokens, outputTokens: output.reduce((sum, item) => sum + outputTokensOf(item), 0) });
}

/** OpenAI's usage object. */
export function toUsage(tokens: {
  inputTokens: number;
  cachedTokens?: number;
  outputTokens: number;
  reasoningTokens?: number;
}): Usage {
  return {
    input_tokens: tokens.inputTokens,
    input_tokens_details: { cached_tokens: tokens.cachedTokens ?? 0, cache_write_tokens: 0 },
    output_tokens: tokens.outputTokens,
    output_tokens_details: { reasoning_tokens: tokens.reasoningTokens ?? 0 },
    total_tokens: tokens.inputTokens + tokens.outputTokens,
  };
}

function outputTokensOf(item: OutputItem): number {
  if (item.type === 'message') return item.content.reduce((sum, { text }) => sum + estimateTokens(text), 0);
  return item.type === 'function_call' ? estimateTokens(item.name + item.arguments) : 0;
}
