import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import { lineField, textField } from '../platform/clean-text.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { createFaqModel, type Faq } from './faq.model.ts';

export const FaqInput = z
  .strictObject({
    question: lineField(500),
    answer: textField(4000).min(1),
    order: z.int().min(0).max(1_000_000).default(0).describe('lower comes first'),
  })
  .meta({ id: 'FaqInput' });
export type FaqInput = z.infer<typeof FaqInput>;

export const FaqPatch = z
  .strictObject({
    question: lineField(500),
    answer: textField(4000).min(1),
    order: z.int().min(0).max(1_000_000),
  })
  .partial()
  .meta({ id: 'FaqPatch' });
export type FaqPatch = z.infer<typeof FaqPatch>;

/** They share one context file. */
const FAQS_MAX = 1000;

export interface FaqService {
  list(accountId: string): Promise<Faq[]>;
  /** @throws AppError `invalid-input` when there are 1,000 already. */
  create(accountId: string, faq: FaqInput): Promise<Faq>;
  /** @throws AppError `not-found` or `stale`. */
  update(accountId: string, id: string, patch: FaqPatch, ifMatch?: number): Promise<Faq>;
  /** @throws AppError `not-found` or `stale`. */
  remove(accountId: string, id: string, ifMatch?: number): Promise<void>;
}

export function createFaqService(deps: { connection: Connection; accounts: AccountService; newId: NewId }): FaqService {
  const { accounts, newId } = deps;
  const faqs = createFaqModel(deps.connection);

  async function missing(accountId: string, id: string, ifMatch: number | undefined): Promise<AppError> {
    if (ifMatch !== undefined && (await faqs.exists({ accountId, _id: id }))) {
      return new AppError('stale', 'If-Match: this is not the newest revision of the FAQ');
    }
    return new AppError('not-found', `id: there is no FAQ ${id}`);
  }

  return {
    async list(accountId) {
      return faqs.find({ accountId }).sort({ order: 1, _id: 1 }).lean();
    },

    async create(accountId, faq) {
      if ((await faqs.countDocuments({ accountId })) >= FAQS_MAX) {
        throw new AppError('invalid-input', `A business can have ${FAQS_MAX} FAQs`);
      }
      const created = await accounts.recordChange(accountId, () =>
        faqs.create({ ...faq, _id: newId('faq'), accountId, rev: 1 }),
      );
      return created.toObject();
    },

    async update(accountId, id, patch, ifMatch) {
      const updated = await accounts.recordChange(accountId, () =>
        faqs
          .findOneAndUpdate(
            { accountId, _id: id, ...(ifMatch === undefined ? {} : { rev: ifMatch }) },
            { $set: patch, $inc: { rev: 1 } },
            { returnDocument: 'after' },
          )
          .lean(),
      );
      if (updated === null) throw await missing(accountId, id, ifMatch);
      return updated;
    },

    async remove(accountId, id, ifMatch) {
      const filter = { accountId, _id: id, ...(ifMatch === undefined ? {} : { rev: ifMatch }) };
      const removed = await accounts.recordChange(accountId, () => faqs.deleteOne(filter));
      if (removed.deletedCount === 0) throw await missing(accountId, id, ifMatch);
    },
  };
}
