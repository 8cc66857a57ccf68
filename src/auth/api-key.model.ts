import { type Connection, type InferSchemaType, Schema } from 'mongoose';

const apiKeySchema = new Schema(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    kind: { type: String, enum: ['publishable', 'secret'], required: true },
    name: { type: String, required: true },
    prefix: { type: String, required: true },
    hash: { type: String, required: true }, // HMAC-SHA-256 of the whole key, hex
    hosts: { type: [String], required: true },
    scopes: { type: [String], required: true },
  },
  { timestamps: true, strict: 'throw', strictQuery: 'throw' },
);
apiKeySchema.index({ prefix: 1 }, { unique: true }); // every request with a key, before the tenant is known
apiKeySchema.index({ accountId: 1 });

export function createApiKeyModel(connection: Connection) {
  return connection.model('apiKey', apiKeySchema, 'apiKeys');
}

export type ApiKey = InferSchemaType<typeof apiKeySchema>;
