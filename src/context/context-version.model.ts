import { type Connection, Schema } from 'mongoose';
import type { Attributes } from '../assistants/vector-stores.ts';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** What visitors were answered from after a sync that changed something. */
export interface ContextVersion {
  readonly accountId: string;
  readonly number: number;
  readonly at: Date;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly attributes: Attributes }[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const contextVersionSchema = new Schema<ContextVersion>(
  {
    accountId: { type: String, required: true },
    number: { type: Number, required: true },
    at: { type: Date, required: true },
    files: [new Schema({ name: String, sha256: String, attributes: Schema.Types.Mixed }, { _id: false })],
    added: { type: [String], required: true },
    changed: { type: [String], required: true },
    removed: { type: [String], required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
contextVersionSchema.index({ accountId: 1, number: -1 }, { unique: true }); // the newest, and the list
contextVersionSchema.plugin(tenantGuard);

export function createContextVersionModel(connection: Connection) {
  return connection.model('contextVersion', contextVersionSchema, 'contextVersions');
}
