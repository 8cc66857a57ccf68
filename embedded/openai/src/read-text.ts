import { extname } from 'node:path';

/** What OpenAI lists as fit for file_search. */
const RETRIEVAL_EXTENSIONS =
  '.c .cpp .cs .css .doc .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh .tex .ts .txt'.split(' ');
const BINARY_EXTENSIONS = new Set(['.doc', '.docx', '.pdf', '.pptx']);

export interface FileProblem {
  code: 'unsupported_file' | 'invalid_file';
  message: string;
}

export type ReadResult = { text: string } | { problem: FileProblem };

/** Whether OpenAI would refuse to attach a file of this name at all; the words are OpenAI's. */
export function findExtensionProblem(filename: string): FileProblem | undefined {
  const extension = extname(filename).toLowerCase();
  if (RETRIEVAL_EXTENSIONS.includes(extension)) return undefined;
  const supported = RETRIEVAL_EXTENSIONS.map((name) => `"${name.slice(1)}"`).join(', ');
  return {
    code: 'unsupported_file',
    message: `Files with extensions [${extension || 'none'}] are not supported for retrieval. Supported file types include: [${supported}]`,
  };
}

/** A file's text: UTF-8 or UTF-16 (by its byte order mark), HTML without its markup. Pure. */
export function readText(filename: string, content: Uint8Array): ReadResult {
  const problem = findExtensionProblem(filename);
  if (problem) return { problem };
  const extension = extname(filename).toLowerCase();
  if (BINARY_EXTENSIONS.has(extension)) {
    const message = `The embedded engine reads text only; convert this ${extension} file to .md first.`;
    return { problem: { code: 'unsupported_file', message } };
  }
  const decoded = decode(content);
  if (decoded === undefined) {
    return { problem: { code: 'invalid_file', message: 'The file is not UTF-8 or UTF-16 text.' } };
  }
  const text = (extension === '.html' ? stripMarkup(decoded) : decoded).replace(/\r\n?/g, '\n');
  if (text.trim() === '') return { problem: { code: 'invalid_file', message: 'The file is empty.' } };
  return { text };
}

function decode(content: Uint8Array): string | undefined {
  const encoding = content[0] === 0xff && content[1] === 0xfe ? 'utf-16le' : isUtf16Be(content) ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function isUtf16Be(content: Uint8Array): boolean {
  return content[0] === 0xfe && content[1] === 0xff;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function stripMarkup(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->|<(script|style|head|noscript)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<h([1-6])\b[^>]*>/gi, (_, level: string) => `\n\n${'#'.repeat(Number(level))} `)
    .replace(/<li\b[^>]*>/gi, '\n- ')
    .replace(/<\/?(p|div|section|article|ul|ol|table|tr|h[1-6]|blockquote|hr)\b[^>]*>/gi, '\n\n')
    .replace(/<br\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(#x?[\da-f]{1,6}|\w{2,8});/gi, (whole, name: string) => decodeEntity(name) ?? whole)
    .replace(/[ \t]+/g, ' ');
}

function decodeEntity(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined;
}
