import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';
import { type AnswerRecord, answerRecordSchema } from './answer-record.ts';

export type EndState = 'done' | 'interrupted' | 'failed';

/** A message on its way to an answer, see docs/sync.md. */
export interface Turn {
  _id: string;
  accountId: string;
  threadId: string;
  /** Place of the answer in the thread; the visitor's message stands right before it. */
  seq: number;
  idempotencyKey?: string;
  /** Tells another request under the same idempotency key. */
  requestHash: string;
  /** The day of the business's calendar in which it is counted; absent in turns of earlier versions. */
  usageDate?: string;
  /** The assistant's model, by which its cost is reckoned. */
  model?: string;
  /** From this place on, earlier messages are replaced once the answer is there. */
  replacesSeq?: number;
  state: 'waiting' | 'running' | EndState;
  lease: { owner: string; until: Date };
  stopRequested: boolean;
  /** Flushed once a second while it runs, whole at the end, emptied once the message is stored. */
  textSoFar: string;
  answer?: AnswerRecord;
  /** Whether the answer's message is stored and the thread's queue is free of it. */
  settled: boolean;
  createdAt: Date;
}

/** What was said is kept as messages, for as long as the business wants. */
const KEPT_S = 30 * 24 * 60 * 60;

const turnSchema = new Schema<Turn>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    threadId: { type: String, required: true },
    seq: { type: Number, required: true },
    idempotencyKey: { type: String },
    requestHash: { type: String, required: true },
    usageDate: { type: String },
    model: { type: String },
    replacesSeq: { type: Number },
    state: { type: String, enum: ['waiting', 'running', 'done', 'interrupted', 'failed'], required: true },
    lease: { owner: { type: String, required: true }, until: { type: Date, required: true } },
    stopRequested: { type: Boolean, required: true },
    textSoFar: { type: String, default: '' },
    answer: { type: answerRecordSchema },
    settled: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
turnSchema.index(
  { accountId: 1, threadId: 1, idempotencyKey: 1 },
  { unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } },
); // the same message sent twice
turnSchema.index({ accountId: 1, threadId: 1, state: 1 }); // POST /v1/threads/:id/stop
turnSchema.index({ state: 1, 'lease.until': 1 }); // the sweep: whose lease ran out
turnSchema.index({ settled: 1, state: 1 }); // the sweep: what ended and isn't settled
turnSchema.index({ createdAt: 1 }, { expireAfterSeconds: KEPT_S });
turnSchema.plugin(tenantGuard);

export function createTurnModel(connection: Connection) {
  return connection.model<Turn>('turn', turnSchema, 'turns');
}

export type TurnModel = ReturnType<typeof createTurnModel>;

export function isLive(turn: Pick<Turn, 'state'>): boolean {
  return turn.state === 'waiting' || turn.state === 'running';
}
