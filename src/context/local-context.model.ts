import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** A temporary item is kept this long after its end, for people who ask what was said. */
const KEPT_S = 7 * 24 * 60 * 60;

const localContextSchema = new Schema(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    kind: { type: String, enum: ['note'], required: true },
    text: { type: String, required: true },
    startsAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
localContextSchema.index({ accountId: 1, expiresAt: 1 }); // what is true now, and what is rendered
localContextSchema.index({ expiresAt: 1 }, { expireAfterSeconds: KEPT_S });
localContextSchema.plugin(tenantGuard);

export function createLocalContextModel(connection: Connection) {
  return connection.model('localContext', localContextSchema, 'localContext');
}

export type LocalContext = InferSchemaType<typeof localContextSchema>;
