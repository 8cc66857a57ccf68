/** About 800 tokens, OpenAI's default, at four characters each. */
export const CHUNK_CHARS_MAX = 3_200;

export interface Chunk {
  /** The headings above the text, outermost first: `Products > Bread`. Empty where there are none. */
  heading: string;
  text: string;
}

interface Section {
  heading: string;
  lines: string[];
}

/**
 * Cuts Markdown or plain text into passages that answer by themselves. A section (a heading with what stands below it, up to
 * the next heading or `---`) is one chunk if it fits; a longer one is cut at blank lines, a longer block at sentence ends.
 * Pure: the same text gives the same chunks.
 * @param charsMax greatest length of a chunk's text, in UTF-16 units
 */
export function chunkText(text: string, charsMax = CHUNK_CHARS_MAX): Chunk[] {
  return splitSections(clean(text)).flatMap(({ heading, lines }) => {
    const body = lines.join('\n').trim();
    if (body === '') return [];
    const blocks = body.length <= charsMax ? [body] : splitBlocks(body);
    return blocks.flatMap((block) => cutLong(block, charsMax)).map((part) => ({ heading, text: part }));
  });
}

function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- search marks what it finds with control characters
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ').replace(/^---\n[\s\S]*?\n---\n/, '');
}

function splitSections(text: string): Section[] {
  const path: { level: number; title: string }[] = [];
  const sections: Section[] = [];
  let current: Section = { heading: '', lines: [] };
  let isInFence = false;
  let hasBody = true;
  const open = () => {
    current = { heading: path.map(({ title }) => title).join(' > '), lines: [] };
    sections.push(current);
  };
  open();
  for (const line of text.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) isInFence = !isInFence;
    const heading = isInFence ? null : /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    if (heading) {
      const level = heading[1]?.length ?? 1;
      while ((path.at(-1)?.level ?? 0) >= level) path.pop();
      path.push({ level, title: heading[2] ?? '' });
      open();
      hasBody = false;
    } else if (!isInFence && /^\s*(-{3,}|\*{3,}|_{3,})\s*$/.test(line) && hasBody) {
      open();
    } else {
      hasBody ||= line.trim() !== '';
      current.lines.push(line);
    }
  }
  return sections;
}

/** Blocks stand between blank lines; a line that announces ("Breads:") stays with what follows it. */
function splitBlocks(body: string): string[] {
  const blocks: string[] = [];
  let announced = '';
  for (const block of body.split(/\n[ \t]*\n+/)) {
    const whole = announced ? `${announced}\n${block}` : block;
    const isAnnouncement = !block.includes('\n') && block.trimEnd().endsWith(':');
    announced = isAnnouncement ? whole : '';
    if (!isAnnouncement) blocks.push(whole.trim());
  }
  if (announced) blocks.push(announced.trim());
  return blocks.filter((block) => block !== '');
}

function cutLong(block: string, charsMax: number): string[] {
  const parts: string[] = [];
  let rest = block;
  while (rest.length > charsMax) {
    const at = cutPosition(rest, charsMax);
    parts.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return [...parts, rest].filter((part) => part !== '');
}

function cutPosition(text: string, charsMax: number): number {
  const window = text.slice(0, charsMax);
  const least = charsMax / 2;
  for (const boundary of ['\n', '. ', '? ', '! ', '; ', ' ']) {
    const at = window.lastIndexOf(boundary);
    if (at >= least) return at + boundary.length;
  }
  // Never between the two halves of a surrogate pair.
  return /[\ud800-\udbff]$/.test(window) ? charsMax - 1 : charsMax;
}
