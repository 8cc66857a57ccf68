/** A piece of text, or the number of a passage that the text before it rests on. */
export type CitedPart = { text: string } | { passage: number };

const NUMBERS = String.raw`\[\s*\d{1,3}(?:\s*,\s*\d{1,3})*\s*\]`;
/** Markers that stand together, with the blank before them. */
const MARKERS = new RegExp(String.raw`\s*${NUMBERS}(?:[\s,]*${NUMBERS})*`, 'g');
/** What at the end of a piece may still become markers, or belongs to those that follow. */
const UNDECIDED = new RegExp(String.raw`\s*(?:${NUMBERS}[\s,]*)*(?:\[[\d\s,]{0,20})?$`);

/** Takes `[1]`, `[2, 3]` and the like out of a text that streams, also where a marker comes in pieces. */
export function createCitationTaker() {
  let held = '';
  return {
    push(text: string): CitedPart[] {
      held += text;
      const at = UNDECIDED.exec(held)?.index ?? held.length;
      const decided = held.slice(0, at);
      held = held.slice(at);
      return takeMarkers(decided);
    },
    end: (): CitedPart[] => takeMarkers(held),
  };
}

function takeMarkers(text: string): CitedPart[] {
  const parts: CitedPart[] = [];
  let from = 0;
  for (const match of text.matchAll(MARKERS)) {
    parts.push({ text: text.slice(from, match.index) });
    for (const [digits] of match[0].matchAll(/\d+/g)) parts.push({ passage: Number(digits) });
    from = match.index + match[0].length;
  }
  parts.push({ text: text.slice(from) });
  return parts.filter((part) => !('text' in part) || part.text !== '');
}
