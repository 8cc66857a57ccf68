import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';

const assistantSchema = new Schema(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    version: { type: Number, required: true },
    upstream: { type: String, required: true }, // the server that has its vector store
    model: { type: String, required: true },
    instructions: { type: String, required: true }, // as rendered: what was live when can be told later
    maxOutputTokens: { type: Number, required: true },
    vectorStoreId: { type: String, required: true },
  },
  { timestamps: { createdAt: true, updatedAt: false }, strict: 'throw', strictQuery: 'throw' },
);
assistantSchema.index({ accountId: 1, version: -1 }, { unique: true }); // the newest version is the one that answers
assistantSchema.plugin(tenantGuard);

export function createAssistantModel(connection: Connection) {
  return connection.model('assistant', assistantSchema, 'assistants');
}

export type Assistant = InferSchemaType<typeof assistantSchema>;
