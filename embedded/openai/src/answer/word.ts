import { z } from 'zod';
import type { FileCitation } from '../response-object.ts';
import type { Conversation, FunctionResult } from './conversation.ts';
import type { PassageAnswer } from './passage-answer.ts';
import type { Plan, Step } from './plan.ts';
import { type Ask, HANDOVER_OFFER } from './understand.ts';

export interface Wording {
  text: string;
  citations: FileCitation[];
}

interface Told {
  plan: Plan;
  conversation: Conversation;
  /** The answer each query found, in the order of the plan's queries. */
  answers: (PassageAnswer | undefined)[];
}

interface Part {
  text: string;
  cited?: PassageAnswer;
}

const UNKNOWN = `I'm sorry, I don't have that information. Would you like me to ${HANDOVER_OFFER}?`;
const IDENTITY =
  "I'm an AI assistant, not a person. I have no language model: I look up what this business has published and answer with it. I can also pass a message on to the team.";
const WELCOME = 'Hello! How can I help you today?';

const spokenOutput = z.looseObject({ said: z.string().min(1) });
const failedOutput = z.looseObject({ error: z.unknown() });

/** Puts what was found into words, with a citation where each quoted passage ends. Pure. */
export function wordAnswer({ plan, conversation, answers }: Told): Wording {
  const steps: Step[] = plan.steps.length > 0 ? plan.steps : [{ ask: { kind: 'greeting', text: '' } }];
  const parts: Part[] = [];
  for (const step of steps) {
    const part = wordStep(step, conversation, answers);
    if (!parts.some(({ text }) => text === part.text)) parts.push(part);
  }
  return join(parts);
}

function wordStep({ ask, result, queryAt }: Step, conversation: Conversation, answers: Told['answers']): Part {
  const found = queryAt === undefined ? undefined : answers[queryAt];
  if (found) return { text: found.text, cited: found };
  if (result) return { text: wordResult(result) };
  return { text: wordKnown(ask, conversation) };
}

function wordKnown(ask: Ask, { instructions, facts }: Conversation): string {
  switch (ask.kind) {
    case 'greeting':
      return /^\s*greeting:\s*(\S.*)$/im.exec(instructions)?.[1]?.trim() ?? WELCOME;
    case 'thanks':
      return "You're welcome! Is there anything else I can help you with?";
    case 'goodbye':
      return 'Goodbye, and have a nice day!';
    case 'identity':
      return IDENTITY;
    case 'hours':
      return hoursFact(ask.date, facts) ?? UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/** Without a function for opening hours, what the developer said is true now can still answer for now. */
function hoursFact(date: string | null, facts: string[]): string | undefined {
  if (date !== null) return undefined;
  const lines = facts.toReversed().flatMap((fact) => fact.split('\n'));
  return lines.find((line) => /\b(open|closed)\b/i.test(line))?.trim();
}

function wordResult({ output }: FunctionResult): string {
  const parsed = parseJson(output);
  const spoken = spokenOutput.safeParse(parsed);
  if (spoken.success) return spoken.data.said;
  if (failedOutput.safeParse(parsed).success) {
    return `I'm sorry, I couldn't look that up just now. Would you like me to ${HANDOVER_OFFER}?`;
  }
  if (typeof parsed === 'string' && parsed.trim() !== '') return parsed;
  return wordFields(parsed) ?? UNKNOWN;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An output nobody worded: its plain fields, named. */
function wordFields(value: unknown): string | undefined {
  const fields = z.record(z.string(), z.unknown()).safeParse(value);
  if (!fields.success) return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  const told = Object.entries(fields.data)
    .filter(([, field]) => typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean')
    .map(([name, field]) => `${name.replace(/([a-z])([A-Z])|_/g, '$1 $2').toLowerCase()}: ${String(field)}`);
  return told.length > 0 ? `${told.slice(0, 6).join(', ')}.` : undefined;
}

function join(parts: Part[]): Wording {
  let text = '';
  const citations: FileCitation[] = [];
  for (const part of parts) {
    text += `${text ? '\n\n' : ''}${part.text}`;
    if (!part.cited) continue;
    const { fileId, filename } = part.cited.passage;
    citations.push({ type: 'file_citation', file_id: fileId, filename, index: text.length });
  }
  return { text, citations };
}
