import { type Connection, Schema } from 'mongoose';
import type { Counts } from '../platform/data-owners.ts';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** That a business was to be erased, how far it has come, and what was removed. Holds nobody's data once it is finished. */
export interface Erasure {
  _id: string;
  accountId: string;
  slug: string;
  /** A user, or `cli`. */
  requestedBy: string;
  requestedAt: Date;
  /** Who is told at the end; forgotten then. */
  notify?: string;
  /** Times that all owners were gone through. */
  passes: number;
  /** When it goes on; absent once it is finished. */
  dueAt?: Date;
  finishedAt: Date | null;
  /** By owner and kind. */
  counts: Record<string, Counts>;
}

const KEPT_S = 3 * 366 * 24 * 60 * 60;

const erasureSchema = new Schema<Erasure>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    slug: { type: String, required: true },
    requestedBy: { type: String, required: true },
    requestedAt: { type: Date, required: true },
    notify: { type: String },
    passes: { type: Number, required: true },
    dueAt: { type: Date },
    finishedAt: { type: Date, default: null },
    counts: { type: Schema.Types.Mixed, required: true },
  },
  { strict: 'throw', strictQuery: 'throw', minimize: false },
);
erasureSchema.index({ accountId: 1 }, { unique: true }); // asked for twice, it is one
erasureSchema.index({ dueAt: 1 }, { sparse: true }); // the job
erasureSchema.index({ requestedAt: 1 }, { expireAfterSeconds: KEPT_S });
erasureSchema.plugin(tenantGuard);

export function createErasureModel(connection: Connection) {
  return connection.model<Erasure>('erasure', erasureSchema, 'erasures');
}
