import type { TurnRun } from '../answering.ts';
import type { ResponseEventBody } from '../response-events.ts';
import type { FileCitation } from '../response-object.ts';
import type { Passage } from '../search.ts';

type Events = Generator<ResponseEventBody, void>;

/** A message that is written while its words come; it stands in the output once it is closed. */
export function createMessage({ state, newId }: TurnRun) {
  const id = newId('msg_');
  const outputIndex = state.output.length;
  const place = { item_id: id, output_index: outputIndex, content_index: 0 };
  const part = { type: 'output_text' as const, text: '', annotations: [] as FileCitation[], logprobs: [] };
  const item = { type: 'message' as const, id, role: 'assistant' as const };
  return {
    *open(): Events {
      yield {
        type: 'response.output_item.added',
        output_index: outputIndex,
        item: { ...item, status: 'in_progress', content: [] },
      };
      yield { type: 'response.content_part.added', ...place, part: { ...part, annotations: [] } };
    },
    *say(delta: string): Events {
      part.text += delta;
      yield { type: 'response.output_text.delta', ...place, delta, logprobs: [] };
    },
    *cite({ fileId, filename }: Passage): Events {
      const annotation = { type: 'file_citation' as const, file_id: fileId, filename, index: part.text.length };
      const annotation_index = part.annotations.push(annotation) - 1;
      yield { type: 'response.output_text.annotation.added', ...place, annotation_index, annotation };
    },
    *close(status: 'completed' | 'incomplete'): Events {
      yield { type: 'response.output_text.done', ...place, text: part.text, logprobs: [] };
      yield { type: 'response.content_part.done', ...place, part };
      const done = { ...item, status, content: [part] };
      state.output.push(done);
      yield { type: 'response.output_item.done', output_index: outputIndex, item: done };
    },
  };
}

/**
 * The work before the first word (loading a model, reading the question, thinking) as OpenAI's `reasoning` item, without the thoughts: empty deltas
 * tell whoever waits that something happens. An answer that comes at once has none.
 */
export function createReasoning({ state, newId }: TurnRun) {
  const id = newId('rs_');
  const outputIndex = state.output.length;
  const place = { item_id: id, output_index: outputIndex, content_index: 0 };
  const item = { type: 'reasoning' as const, id, summary: [] };
  let isOpen = false;
  return {
    *pulse(): Events {
      if (!isOpen) {
        isOpen = true;
        yield {
          type: 'response.output_item.added',
          output_index: outputIndex,
          item: { ...item, status: 'in_progress' },
        };
        yield { type: 'response.content_part.added', ...place, part: { type: 'reasoning_text', text: '' } };
      }
      yield { type: 'response.reasoning_text.delta', ...place, delta: '' };
    },
    *close(): Events {
      if (!isOpen) return;
      isOpen = false;
      const done = { ...item, status: 'completed' as const };
      state.output.push(done);
      yield { type: 'response.output_item.done', output_index: outputIndex, item: done };
    },
  };
}
