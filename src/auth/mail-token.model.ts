import { type Connection, type InferSchemaType, Schema } from 'mongoose';

const mailTokenSchema = new Schema(
  {
    _id: { type: String, required: true }, // HMAC of the token that was mailed
    purpose: { type: String, enum: ['verify', 'reset'], required: true },
    userId: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
mailTokenSchema.index({ userId: 1, purpose: 1 }); // a new one ends those before it
mailTokenSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export function createMailTokenModel(connection: Connection) {
  return connection.model('mailToken', mailTokenSchema, 'mailTokens');
}

export type MailToken = InferSchemaType<typeof mailTokenSchema>;
