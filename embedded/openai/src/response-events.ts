import type { FileCitation, OutputItem, OutputText, ResponseObject } from './response-object.ts';

interface OfItem {
  item_id: string;
  output_index: number;
}

interface OfPart extends OfItem {
  content_index: number;
}

export type ResponseEventBody =
  | {
      type:
        | 'response.created'
        | 'response.in_progress'
        | 'response.completed'
        | 'response.incomplete'
        | 'response.failed';
      response: ResponseObject;
    }
  | { type: 'response.output_item.added' | 'response.output_item.done'; output_index: number; item: OutputItem }
  | ({
      type:
        | 'response.file_search_call.in_progress'
        | 'response.file_search_call.searching'
        | 'response.file_search_call.completed';
    } & OfItem)
  | ({
      type: 'response.content_part.added' | 'response.content_part.done';
      part: OutputText | { type: 'reasoning_text'; text: '' };
    } & OfPart)
  | ({ type: 'response.reasoning_text.delta'; delta: '' } & OfPart)
  | ({ type: 'response.output_text.delta'; delta: string; logprobs: never[] } & OfPart)
  | ({ type: 'response.output_text.done'; text: string; logprobs: never[] } & OfPart)
  | ({
      type: 'response.output_text.annotation.added';
      annotation_index: number;
      annotation: FileCitation;
    } & OfPart)
  | ({ type: 'response.function_call_arguments.delta'; delta: string } & OfItem)
  | ({ type: 'response.function_call_arguments.done'; name: string; arguments: string } & OfItem);

export type ResponseEvent = ResponseEventBody & { sequence_number: number };

const DELTA_WORDS = 2;
const DELTA_CHARS_MAX = 48;

type Message = Extract<OutputItem, { type: 'message' }>;
type FunctionCall = Extract<OutputItem, { type: 'function_call' }>;

/** The events of a finished message item, from `added` to `done`. */
export function* messageEvents(item: Message, outputIndex: number): Generator<ResponseEventBody> {
  yield {
    type: 'response.output_item.added',
    output_index: outputIndex,
    item: { ...item, status: 'in_progress', content: [] },
  };
  for (const [contentIndex, part] of item.content.entries()) {
    const place = { item_id: item.id, output_index: outputIndex, content_index: contentIndex };
    yield { type: 'response.content_part.added', ...place, part: { ...part, text: '', annotations: [] } };
    for (const delta of splitDeltas(part.text)) {
      yield { type: 'response.output_text.delta', ...place, delta, logprobs: [] };
    }
    for (const [annotationIndex, annotation] of part.annotations.entries()) {
      yield { type: 'response.output_text.annotation.added', ...place, annotation_index: annotationIndex, annotation };
    }
    yield { type: 'response.output_text.done', ...place, text: part.text, logprobs: [] };
    yield { type: 'response.content_part.done', ...place, part };
  }
  yield { type: 'response.output_item.done', output_index: outputIndex, item };
}

/** The events of a finished function call. */
export function* functionCallEvents(item: FunctionCall, outputIndex: number): Generator<ResponseEventBody> {
  const place = { item_id: item.id, output_index: outputIndex };
  yield {
    type: 'response.output_item.added',
    output_index: outputIndex,
    item: { ...item, status: 'in_progress', arguments: '' },
  };
  for (const delta of splitDeltas(item.arguments)) {
    yield { type: 'response.function_call_arguments.delta', ...place, delta };
  }
  yield { type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments };
  yield { type: 'response.output_item.done', output_index: outputIndex, item };
}

/** A word or two at a time, nothing lost, no surrogate pair parted. */
export function splitDeltas(text: string): string[] {
  const words = (text.match(/\s*\S+|\s+$/g) ?? []).flatMap(splitLongWord);
  const deltas: string[] = [];
  for (let at = 0; at < words.length; at += DELTA_WORDS) deltas.push(words.slice(at, at + DELTA_WORDS).join(''));
  return deltas;
}

function splitLongWord(word: string): string[] {
  if (word.length <= DELTA_CHARS_MAX) return [word];
  const codePoints = Array.from(word);
  const parts: string[] = [];
  for (let at = 0; at < codePoints.length; at += DELTA_CHARS_MAX) {
    parts.push(codePoints.slice(at, at + DELTA_CHARS_MAX).join(''));
  }
  return parts;
}

/** Numbers the events in the order in which they leave. */
export async function* numberEvents(bodies: AsyncIterable<ResponseEventBody>): AsyncGenerator<ResponseEvent> {
  let sequence = 0;
  for await (const body of bodies) yield { ...body, sequence_number: sequence++ };
}

/**
 * Server-sent events, made one by one as the reader asks for them. Leaving the stream, or the signal, aborts `ended` and
 * so the work that makes them.
 */
export function toEventStream(
  events: AsyncGenerator<ResponseEvent>,
  signal: AbortSignal,
  ended: AbortController,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const end = () => {
    ended.abort();
    // What was under way fails by the abort, and nobody is left to hear of it.
    events.return(undefined).catch(() => undefined);
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const abort = () => {
          end();
          controller.error(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true, signal: ended.signal });
      },
      pull: async (controller) => {
        const { value: event, done } = await events.next();
        if (ended.signal.aborted) return;
        if (done) {
          ended.abort();
          controller.close();
        } else {
          controller.enqueue(encoder.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
