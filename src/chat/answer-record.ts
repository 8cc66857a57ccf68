import { Schema } from 'mongoose';

/** A file that an answer rests on. */
export interface Source {
  fileId: string;
  /** Name of the context file, such as `hours.md`. */
  name: string;
  /** The same for people, such as `Opening hours`. */
  title: string;
}

/** A function call of the model; arguments and output are JSON. */
export interface FunctionCall {
  callId: string;
  name: string;
  arguments: string;
  output: string;
}

export type FinishReason = 'stop' | 'length' | 'content-filter' | 'other';

/** What is known of an answer beside its text, once it has ended. */
export interface AnswerRecord {
  sources: Source[];
  calls: FunctionCall[];
  usage: { inputTokens: number; cachedTokens: number; outputTokens: number; searches: number };
  finishReason: FinishReason;
  assistantVersion: number;
  /** From acceptance to the first word; null if none came. */
  firstTextMs: number | null;
  totalMs: number;
}

const text = { type: String, required: true } as const;
const count = { type: Number, required: true } as const;

export const answerRecordSchema = new Schema<AnswerRecord>(
  {
    sources: [{ _id: false, fileId: text, name: text, title: text }],
    calls: [{ _id: false, callId: text, name: text, arguments: { type: String, default: '' }, output: text }],
    usage: { inputTokens: count, cachedTokens: count, outputTokens: count, searches: count },
    finishReason: text,
    assistantVersion: count,
    firstTextMs: { type: Number, default: null },
    totalMs: count,
  },
  { _id: false, strict: 'throw' },
);
