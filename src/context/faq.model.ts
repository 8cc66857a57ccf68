import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';

const faqSchema = new Schema(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    question: { type: String, required: true },
    answer: { type: String, required: true },
    order: { type: Number, required: true },
    rev: { type: Number, required: true },
  },
  { timestamps: true, strict: 'throw', strictQuery: 'throw' },
);
faqSchema.index({ accountId: 1, order: 1, _id: 1 }); // the list, in the owner's order
faqSchema.plugin(tenantGuard);

export function createFaqModel(connection: Connection) {
  return connection.model('faq', faqSchema, 'faqs');
}

export type Faq = InferSchemaType<typeof faqSchema>;
