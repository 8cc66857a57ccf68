import { type Connection, type InferSchemaType, Schema } from 'mongoose';

const secretSchema = new Schema(
  {
    prefix: { type: String, required: true },
    hash: { type: String, required: true }, // HMAC-SHA-256 of the whole key, hex
    validUntil: { type: Date, default: null }, // of one that was rotated away
  },
  { _id: false, strict: 'throw' },
);

const refusedHostSchema = new Schema(
  {
    host: { type: String, required: true },
    count: { type: Number, required: true },
    lastAt: { type: Date, required: true },
  },
  { _id: false, strict: 'throw' },
);

const apiKeySchema = new Schema(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    kind: { type: String, enum: ['publishable', 'secret'], required: true },
    name: { type: String, required: true },
    secrets: { type: [secretSchema], required: true }, // newest first, at most two
    hosts: { type: [String], required: true },
    scopes: { type: [String], required: true },
    expiresAt: { type: Date, default: null },
    createdBy: { type: String, default: null }, // a user; null: the command line or the demo
    lastUsedAt: { type: Date, default: null },
    refusedHosts: { type: [refusedHostSchema], default: [] }, // newest first, at most 20
    refusalsRev: { type: Number, default: 0 },
    rev: { type: Number, default: 1 },
  },
  { timestamps: true, strict: 'throw', strictQuery: 'throw' },
);
apiKeySchema.index({ 'secrets.prefix': 1 }, { unique: true }); // every request with a key, before the tenant is known
apiKeySchema.index({ accountId: 1 }); // GET /v1/keys

export function createApiKeyModel(connection: Connection) {
  return connection.model('apiKey', apiKeySchema, 'apiKeys');
}

export type ApiKeyModel = ReturnType<typeof createApiKeyModel>;
/** What is read of a key; its refused hosts are asked for apart. */
export type ApiKey = Omit<InferSchemaType<typeof apiKeySchema>, 'secrets' | 'refusedHosts'> & {
  secrets: InferSchemaType<typeof secretSchema>[];
};
