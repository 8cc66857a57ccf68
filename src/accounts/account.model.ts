import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import type { Contact, Limits, Persona } from './account.schema.ts';

const accountSchema = new Schema(
  {
    _id: { type: String, required: true },
    slug: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: '' },
    contact: {
      email: { type: String, default: null },
      phone: { type: String, default: null },
      website: { type: String, default: null },
    },
    persona: {
      tone: { type: String, required: true },
      warmth: { type: Number, required: true }, // 0 to 1
      greeting: { type: String, required: true },
      languages: { type: [String], required: true }, // BCP 47
      extraInstructions: { type: String, default: '' },
    },
    // `deleting`: its data are on their way out, see erasure.ts
    status: { type: String, enum: ['active', 'suspended', 'deleting'], default: 'active' },
    plan: { type: String, default: 'none' },
    billing: { type: String, enum: ['active', 'grace', 'read-only'], default: 'active' },
    limits: {
      messagesPerMonth: { type: Number, default: null },
      messagesPerDay: { type: Number, default: null },
      messagesPerVisitorHour: { type: Number, default: null },
      tokensPerMonth: { type: Number, default: null },
      atLimit: { type: String, enum: ['refuse', 'notify'], default: 'refuse' },
    },
    retentionDays: { type: Number, default: 365 },
    rev: { type: Number, required: true },
    // The state of the context sync, see docs/sync.md.
    changeSeq: { type: Number, required: true },
    changedAt: { type: Date, required: true },
    syncedSeq: { type: Number, required: true },
    syncDueAt: { type: Date },
    syncToken: { type: Number, required: true },
    contextVersion: { type: Number, required: true },
  },
  { timestamps: true, strict: 'throw', strictQuery: 'throw' },
);
accountSchema.index({ slug: 1 }, { unique: true }); // the CLI and the demo page
accountSchema.index({ name: 1 }); // GET /v1/admin/accounts?search=
accountSchema.index({ syncDueAt: 1 }); // what the sync job looks for

export function createAccountModel(connection: Connection) {
  return connection.model('account', accountSchema, 'accounts');
}

export type Account = Omit<InferSchemaType<typeof accountSchema>, 'contact' | 'persona' | 'limits'> & {
  contact: Contact;
  persona: Persona;
  limits: Limits;
};
