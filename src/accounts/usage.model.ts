import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** What was used in a month or a day. */
export interface UsageCounts {
  /** Answers that visitors got. One that runs counts already. */
  messages: number;
  /** Of both directions. */
  tokens: number;
  /** Millionths of a US dollar. */
  costMicroUsd: number;
  /** Those of `tokens` whose model has no price. */
  unpricedTokens: number;
}

/** Counters of one business and month of its own calendar, days inside. */
export interface Usage extends UsageCounts {
  accountId: string;
  /** `2026-11` */
  month: string;
  /** By day of the month (`24`). */
  days: Record<string, Partial<UsageCounts>>;
  /** Turns that are counted and not settled yet, the oldest first, at most `OPEN_MAX`. */
  open: { turn: string; day: string; at: Date }[];
  /** When a limit was first nearly (`messagesPerMonth-80`) or wholly used (`messagesPerDay-24-100`). */
  alerts: Record<string, Date>;
}

/** Turns of one business that may run at once. */
export const OPEN_MAX = 300;

const count = { type: Number, default: 0 } as const;
const text = { type: String, required: true } as const;

const usageSchema = new Schema<Usage>(
  {
    accountId: text,
    month: text,
    messages: count,
    tokens: count,
    costMicroUsd: count,
    unpricedTokens: count,
    days: { type: Schema.Types.Mixed },
    open: [{ _id: false, turn: text, day: text, at: { type: Date, required: true } }],
    alerts: { type: Schema.Types.Mixed },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
usageSchema.index({ accountId: 1, month: 1 }, { unique: true }); // each turn, and GET /v1/account/usage
usageSchema.index({ 'open.0.at': 1 }, { sparse: true }); // the sweep: whose first one has been open for long
usageSchema.plugin(tenantGuard);

export function createUsageModel(connection: Connection) {
  return connection.model<Usage>('usage', usageSchema, 'usage');
}
