import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** A visitor wants a person. */
export interface Handoff {
  _id: string;
  accountId: string;
  threadId: string;
  /** The same wish told twice is one handoff. */
  onceKey: string;
  by: 'assistant' | 'visitor';
  name: string | null;
  email: string | null;
  phone: string | null;
  reason: string;
  /** `delivered`: the business was told. */
  state: 'new' | 'delivered';
  /** When it is tried next to tell the business, while it is new. */
  dueAt: Date;
  createdAt: Date;
}

const handoffSchema = new Schema<Handoff>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    threadId: { type: String, required: true },
    onceKey: { type: String, required: true },
    by: { type: String, enum: ['assistant', 'visitor'], required: true },
    name: { type: String, default: null },
    email: { type: String, default: null },
    phone: { type: String, default: null },
    reason: { type: String, default: '' },
    state: { type: String, enum: ['new', 'delivered'], required: true },
    dueAt: { type: Date, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
handoffSchema.index({ accountId: 1, onceKey: 1 }, { unique: true }); // a call that is carried out twice
handoffSchema.index({ accountId: 1, threadId: 1 }); // export and erasure of a conversation
handoffSchema.index({ state: 1, dueAt: 1 }); // what the delivery looks for
handoffSchema.plugin(tenantGuard);

export function createHandoffModel(connection: Connection) {
  return connection.model<Handoff>('handoff', handoffSchema, 'handoffs');
}
