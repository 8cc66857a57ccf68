/** What passes a text on as it streams; what can't be told yet is held back until the next piece or the end. */
export interface TextFilter {
  push(text: string): string;
  end(): string;
}

const OPEN = '<think>';
const CLOSE = '</think>';

/** Leaves out `<think>…</think>`, in which some models think aloud. */
export function createThoughtFilter(): TextFilter {
  let isThinking = false;
  let held = '';
  const tag = () => (isThinking ? CLOSE : OPEN);
  return {
    push(text) {
      held += text;
      let shown = '';
      for (let at = held.indexOf(tag()); at !== -1; at = held.indexOf(tag())) {
        if (!isThinking) shown += held.slice(0, at);
        held = held.slice(at + tag().length);
        isThinking = !isThinking;
      }
      const keep = lengthOfBegun(held, tag());
      if (!isThinking) shown += held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return shown;
    },
    end: () => (isThinking ? '' : held),
  };
}

/** How many characters at the end of the text may be the beginning of the tag. */
function lengthOfBegun(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
