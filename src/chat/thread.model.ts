import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** A conversation of one visitor. */
export interface Thread {
  _id: string;
  accountId: string;
  /** The publishable key by which it was started; no other may go on with it. */
  keyId: string;
  /** HMAC-SHA-256 of the thread token, hex. */
  tokenHash: string;
  /** The name that a client of `POST /v1/chat` gave it. */
  clientChatId?: string;
  /** Keyed hash of what the business's server calls its visitor. */
  visitorHash?: string;
  /** Since when it is being erased, with all that belongs to it; nobody finds it any more. */
  erasingAt?: Date;
  state: 'open' | 'waiting_for_person';
  /** Place of the newest answer; each turn takes two, for the visitor's message and for the answer. */
  seq: number;
  /** Turns that run or wait, in order; the first one runs. */
  queue: { turn: string; at: Date }[];
  /** When a person was last asked for, oldest first, at most `HANDOFFS_MAX` times. */
  handoffsAt?: Date[];
  lastMessageAt: Date;
  createdAt: Date;
}

export const QUEUE_MAX = 5;
/** How often a person may be asked for within an hour. */
export const HANDOFFS_MAX = 5;

const threadSchema = new Schema<Thread>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    keyId: { type: String, required: true },
    tokenHash: { type: String, required: true },
    clientChatId: { type: String },
    visitorHash: { type: String },
    erasingAt: { type: Date },
    state: { type: String, enum: ['open', 'waiting_for_person'], required: true },
    seq: { type: Number, required: true },
    queue: [{ _id: false, turn: { type: String, required: true }, at: { type: Date, required: true } }],
    handoffsAt: { type: [Date], default: undefined },
    lastMessageAt: { type: Date, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
threadSchema.index(
  { accountId: 1, keyId: 1, clientChatId: 1 },
  { unique: true, partialFilterExpression: { clientChatId: { $exists: true } } },
); // POST /v1/chat
threadSchema.index({ accountId: 1, lastMessageAt: -1, _id: -1 }); // GET /v1/conversations, and what is older than it is kept
threadSchema.index({ accountId: 1, visitorHash: 1 }, { partialFilterExpression: { visitorHash: { $exists: true } } }); // DELETE /v1/visitors/:visitor
threadSchema.index({ erasingAt: 1 }, { sparse: true }); // what was broken off while it was erased
threadSchema.index({ 'queue.0.at': 1 }, { sparse: true }); // the sweep: whose first turn has been there for long
threadSchema.plugin(tenantGuard);

export function createThreadModel(connection: Connection) {
  return connection.model<Thread>('thread', threadSchema, 'threads');
}

export type ThreadModel = ReturnType<typeof createThreadModel>;
