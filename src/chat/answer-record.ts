import { Schema } from 'mongoose';

/** A file that an answer rests on. */
export interface Source {
  fileId: string;
  /** Name of the context file, such as `hours.md`. */
  name: string;
  /** The same for people, such as `Opening hours`. */
  title: string;
}

/** A passage that file search gave to the model. */
export interface ToldPassage {
  fileId: string;
  /** Name and title of its context file; null and a general word where it was replaced while the answer was given. */
  name: string | null;
  title: string;
  score: number;
  /** Its beginning. */
  text: string;
}

/** What the model was told beside instructions and conversation: why did it answer that? */
export interface Told {
  /** What was true at that moment, as `Knowledge.describeNow` put it. */
  now: string;
  /** Best first within each search; of several searches one after the other. */
  passages: ToldPassage[];
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
  /** Absent in answers of earlier versions. */
  told?: Told;
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
    told: {
      type: new Schema<Told>(
        {
          now: { type: String, default: '' },
          passages: [
            {
              _id: false,
              fileId: text,
              name: { type: String, default: null },
              title: text,
              score: count,
              text: { type: String, default: '' },
            },
          ],
        },
        { _id: false, strict: 'throw' },
      ),
    },
    usage: { inputTokens: count, cachedTokens: count, outputTokens: count, searches: count },
    finishReason: text,
    assistantVersion: count,
    firstTextMs: { type: Number, default: null },
    totalMs: count,
  },
  { _id: false, strict: 'throw' },
);
