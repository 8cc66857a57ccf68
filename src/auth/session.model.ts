import { type Connection, type InferSchemaType, Schema } from 'mongoose';

const sessionSchema = new Schema(
  {
    _id: { type: String, required: true },
    userId: { type: String, required: true },
    generation: { type: Number, required: true }, // of the refresh token that is good now
    salt: { type: String, required: true },
    rotatedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true }, // slides with each use
    endsAt: { type: Date, required: true }, // whatever happens
    device: { type: String, default: '' }, // User-Agent, cut
    address: { type: String, default: '' },
    createdAt: { type: Date, required: true },
    lastUsedAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
sessionSchema.index({ userId: 1, createdAt: 1 }); // GET /v1/auth/sessions, and the oldest of too many
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export function createSessionModel(connection: Connection) {
  return connection.model('session', sessionSchema, 'sessions');
}

export type Session = InferSchemaType<typeof sessionSchema>;
