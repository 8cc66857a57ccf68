import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import type { Contact, Persona } from './account.schema.ts';

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
accountSchema.index({ syncDueAt: 1 }); // what the sync job looks for

export function createAccountModel(connection: Connection) {
  return connection.model('account', accountSchema, 'accounts');
}

export type Account = Omit<InferSchemaType<typeof accountSchema>, 'contact' | 'persona'> & {
  contact: Contact;
  persona: Persona;
};
