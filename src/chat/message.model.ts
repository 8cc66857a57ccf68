import { createHash } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';
import { type AnswerRecord, answerRecordSchema } from './answer-record.ts';
import type { EndState } from './turn.model.ts';

export interface Message {
  _id: string;
  accountId: string;
  threadId: string;
  turnId: string;
  seq: number;
  role: 'visitor' | 'assistant';
  /** How the visitor's client names it. */
  clientId?: string;
  text: string;
  state: EndState;
  answer?: AnswerRecord;
  /** A later answer or message took its place. */
  replaced: boolean;
  createdAt: Date;
}

const messageSchema = new Schema<Message>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    threadId: { type: String, required: true },
    turnId: { type: String, required: true },
    seq: { type: Number, required: true },
    role: { type: String, enum: ['visitor', 'assistant'], required: true },
    clientId: { type: String },
    text: { type: String, default: '' },
    state: { type: String, enum: ['done', 'interrupted', 'failed'], required: true },
    answer: { type: answerRecordSchema },
    replaced: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
messageSchema.index({ accountId: 1, threadId: 1, seq: 1 }, { unique: true }); // a thread's history
messageSchema.plugin(tenantGuard);

export function createMessageModel(connection: Connection) {
  return connection.model<Message>('message', messageSchema, 'messages');
}

export type MessageModel = ReturnType<typeof createMessageModel>;

/** The same message sent twice under one key is one message. */
export function visitorMessageId(threadId: string, idempotencyKey: string, text: string): string {
  const hash = createHash('sha256').update(JSON.stringify([threadId, idempotencyKey, text]));
  return `msg_${hash.digest('hex').slice(0, 26)}`;
}

/** A turn has one answer, whoever stores it. */
export function answerMessageId(turnId: string): string {
  return turnId.replace(/^trn_/, 'msg_');
}
