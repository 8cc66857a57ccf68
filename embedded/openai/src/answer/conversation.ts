import { ApiError } from '../api-error.ts';
import { type InputItem, type MessageItem, type ResponseRequest, textOf } from '../response-request.ts';

export interface FunctionResult {
  name: string;
  /** JSON, as it was called. */
  arguments: string;
  output: string;
}

/** What a turn is about, read from the request's input items. */
export interface Conversation {
  instructions: string;
  /** The visitor's last message. */
  question: string;
  /** What was said before it, oldest first. */
  earlier: { role: 'user' | 'assistant'; text: string }[];
  /** Developer and system messages, oldest first: what is true at the moment. */
  facts: string[];
  /** Functions called since the visitor's last message, with what they gave. */
  results: FunctionResult[];
}

/**
 * @throws ApiError 400, in OpenAI's words, for a function call without its output or an output without its call
 */
export function readConversation({
  input,
  instructions,
}: Pick<ResponseRequest, 'input' | 'instructions'>): Conversation {
  const items: InputItem[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  checkCalls(items);
  const messages = items.filter((item): item is MessageItem => 'role' in item);
  const lastUser = messages.findLast(({ role }) => role === 'user');
  const earlier = messages.slice(0, lastUser ? messages.indexOf(lastUser) : undefined);
  return {
    instructions: instructions ?? '',
    question: lastUser ? textOf(lastUser.content) : '',
    earlier: earlier.flatMap(({ role, content }) =>
      role === 'user' || role === 'assistant' ? [{ role, text: textOf(content) }] : [],
    ),
    facts: messages
      .filter(({ role }) => role === 'developer' || role === 'system')
      .map(({ content }) => textOf(content)),
    results: resultsSince(items, lastUser),
  };
}

function resultsSince(items: InputItem[], lastUser: MessageItem | undefined): FunctionResult[] {
  const since = lastUser ? items.slice(items.indexOf(lastUser) + 1) : items;
  const calls = new Map<string, { name: string; arguments: string }>();
  const results: FunctionResult[] = [];
  for (const item of since) {
    if (isCall(item)) calls.set(item.call_id, { name: item.name, arguments: item.arguments });
    if (isOutput(item)) {
      const call = calls.get(item.call_id) ?? { name: '', arguments: '' };
      results.push({ ...call, output: textOf(item.output) });
    }
  }
  return results;
}

function checkCalls(items: InputItem[]): void {
  const called = new Set(items.filter(isCall).map((item) => item.call_id));
  const answered = new Set(items.filter(isOutput).map((item) => item.call_id));
  for (const id of answered) {
    if (called.has(id)) continue;
    throw new ApiError(400, `No tool call found for function call output with call_id ${id}.`, { param: 'input' });
  }
  for (const id of called) {
    if (answered.has(id)) continue;
    throw new ApiError(400, `No tool output found for function call ${id}.`, { param: 'input' });
  }
}

function isCall(item: InputItem): item is Extract<InputItem, { type: 'function_call' }> {
  return item.type === 'function_call';
}

function isOutput(item: InputItem): item is Extract<InputItem, { type: 'function_call_output' }> {
  return item.type === 'function_call_output';
}
