import { createCallGatherer } from './gather-calls.ts';
import { createThoughtFilter } from './hide-thoughts.ts';
import type { ChatChunk } from './stream-chat.ts';
import { type CitedPart, createCitationTaker } from './take-citations.ts';

/** What a chat completion says, as it comes. `working`: it is at work, but says nothing that is for others. */
export type ReplyPart = CitedPart | 'working' | ReplyEnd;

/** How it ended, the last of the parts; one that broke off has none. */
export interface ReplyEnd {
  finishReason: string;
  calls: { name: string; arguments: string }[];
  usage: ChatChunk['usage'];
}

/** Reads a chat completion: its words without thoughts and without the markers of citations, then its calls. */
export async function* readReply(chunks: AsyncIterable<ChatChunk | 'waiting'>): AsyncGenerator<ReplyPart> {
  const thoughts = createThoughtFilter();
  const citations = createCitationTaker();
  const gatherer = createCallGatherer();
  let finishReason: string | undefined;
  let usage: ChatChunk['usage'];
  let hasBegun = false;

  const say = (text: string): CitedPart[] => {
    // Blank lines separate a text from the thoughts before it.
    const shown = hasBegun ? text : text.trimStart();
    hasBegun ||= shown !== '';
    return shown === '' ? [] : citations.push(shown);
  };

  for await (const chunk of chunks) {
    if (chunk === 'waiting') {
      yield 'working';
      continue;
    }
    usage = chunk.usage ?? usage;
    const [choice] = chunk.choices ?? [];
    finishReason ??= choice?.finish_reason ?? undefined;
    for (const delta of choice?.delta?.tool_calls ?? []) gatherer.add(delta);
    const content = choice?.delta?.content ?? '';
    const parts = say(thoughts.push(content));
    yield* parts;
    const isThinking = content !== '' || Boolean(choice?.delta?.reasoning_content ?? choice?.delta?.reasoning);
    if (parts.length === 0 && isThinking) yield 'working';
  }
  yield* say(thoughts.end());
  yield* citations.end();
  if (finishReason !== undefined) yield { finishReason, calls: gatherer.calls(), usage };
}
