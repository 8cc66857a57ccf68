/** A line of Markdown as a person would say it. */
export function stripMarkdown(line: string): string {
  if (/^\s*\|?[\s|:-]+\|?\s*$/.test(line)) return '';
  return line
    .replace(/^\s*(?:[-*+]|\d+[.)]|>|#{1,6})\s+/, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`)/g, '')
    .replace(/(?<![\w*])[*_](\S(?:[^*_]*\S)?)[*_](?![\w*])/g, '$1')
    .replace(/^\s*\|\s*|\s*\|\s*$/g, '')
    .replace(/\s*\|\s*/g, ', ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** At full stops before a new beginning, so that "$4.50", "e.g. rye" and "7 a.m. to" stay whole. */
export function splitSentences(text: string): string[] {
  return text.split(/(?<=[.!?]["”)]?)\s+(?=["“(]?[\p{Lu}\p{N}])/u).filter((sentence) => sentence !== '');
}

export function asSentence(text: string): string {
  return /[.!?:…]["”)]?$/.test(text) ? text : `${text}.`;
}
