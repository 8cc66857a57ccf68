import { z } from 'zod';
import { attributeFilter } from './filters.ts';
import { metadata } from './schemas.ts';
import { rankingOptions } from './search-route.ts';

const TEXT_CHARS_MAX = 10_485_760;
const text = z.string().max(TEXT_CHARS_MAX);
const itemStatus = z.enum(['in_progress', 'completed', 'incomplete']).nullish();

const contentPart = z.union([
  z.strictObject({ type: z.literal('input_text'), text, prompt_cache_breakpoint: z.unknown().optional() }),
  z.strictObject({
    type: z.literal('output_text'),
    text,
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).nullish(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: text }),
]);

const message = z.strictObject({
  type: z.literal('message').optional(),
  id: z.string().nullish(),
  status: itemStatus,
  phase: z.enum(['commentary', 'final_answer']).nullish(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([text, z.array(contentPart)]),
});

const callId = z.string().min(1).max(64);

const functionCall = z.strictObject({
  type: z.literal('function_call'),
  id: z.string().nullish(),
  call_id: callId,
  name: z.string(),
  arguments: text,
  status: itemStatus,
});

const functionCallOutput = z.strictObject({
  type: z.literal('function_call_output'),
  id: z.string().nullish(),
  call_id: callId,
  output: z.union([text, z.array(z.strictObject({ type: z.literal('input_text'), text }))]),
  status: itemStatus,
});

// What an earlier response put out and a client sends back: it is known from the conversation, so it is let through unread.
const resentItem = z.looseObject({ type: z.enum(['file_search_call', 'reasoning']) });

const inputItem = z.union([message, functionCall, functionCallOutput, resentItem]);

const fileSearchTool = z.strictObject({
  type: z.literal('file_search'),
  vector_store_ids: z.array(z.string()).min(1).max(8),
  max_num_results: z.number().int().min(1).max(50).optional(),
  filters: attributeFilter.nullish(),
  ranking_options: rankingOptions.nullish(),
});

const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, 'must be 1 to 128 letters, digits, _ or -');

const functionTool = z.strictObject({
  type: z.literal('function'),
  name: functionName,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const namedTool = z.union([
  z.strictObject({ type: z.literal('function'), name: functionName }),
  z.strictObject({ type: z.literal('file_search') }),
]);

const toolChoice = z.union([
  z.enum(['auto', 'none', 'required']),
  namedTool,
  z.strictObject({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(namedTool).min(1),
  }),
]);

/** The parameters that have no meaning without a language model: checked, echoed where OpenAI does, and otherwise ignored. */
const modelSettings = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  reasoning: z.looseObject({}).nullish(),
  text: z
    .strictObject({
      format: z.strictObject({ type: z.literal('text') }).optional(),
      verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    })
    .optional(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'fast', 'priority', 'ultrafast']).nullish(),
  safety_identifier: z.string().max(128).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: z.looseObject({}).optional(),
  prompt_cache_retention: z.enum(['in_memory', 'in-memory', '24h']).nullish(),
  user: z.string().optional(),
  max_tool_calls: z.number().int().min(1).nullish(),
};

/** The body of `POST /responses`. What the engine can't do (background, server-kept conversations) it refuses by name. */
export const responseRequest = z.strictObject({
  model: z.string(),
  input: z.union([text, z.array(inputItem)]),
  instructions: text.nullish(),
  tools: z
    .array(z.union([fileSearchTool, functionTool]))
    .max(128)
    .default([]),
  tool_choice: toolChoice.default('auto'),
  parallel_tool_calls: z.boolean().nullish(),
  include: z
    .array(z.enum(['file_search_call.results', 'message.output_text.logprobs', 'reasoning.encrypted_content']))
    .nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  store: z.boolean().nullish(),
  metadata: metadata.nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  background: z.literal(false, 'the embedded engine has no background responses').nullish(),
  previous_response_id: z.null('the embedded engine keeps no conversations; send them as input').optional(),
  conversation: z.null('the embedded engine keeps no conversations; send them as input').optional(),
  ...modelSettings,
});

export type ResponseRequest = z.output<typeof responseRequest>;
export type InputItem = z.output<typeof inputItem>;
export type FileSearchTool = z.output<typeof fileSearchTool>;
export type FunctionTool = z.output<typeof functionTool>;
export type MessageItem = Extract<InputItem, { role: string }>;

/** What the content of a message, or the output of a function, says. */
export function textOf(content: string | { text?: string | undefined; refusal?: string | undefined }[]): string {
  if (typeof content === 'string') return content;
  return content.map(({ text, refusal }) => text ?? refusal ?? '').join('\n');
}
