import { type Connection, Schema } from 'mongoose';
import type { Attributes } from '../assistants/vector-stores.ts';
import { tenantGuard } from '../platform/tenant-guard.ts';

/** One rendering of a context file, as far as it has come. */
export interface FileRevision {
  readonly sha256: string;
  readonly bytes: number;
  readonly storeId: string;
  readonly attributes: Attributes;
  readonly objectKey: string;
  /** Known once it is uploaded. */
  readonly fileId: string | null;
  /** When each step of it was done; absent in renderings of earlier versions. */
  readonly steps?: readonly { readonly step: Step | 'live'; readonly at: Date }[];
}

/** What was live, or never became it: to be detached and deleted. */
export interface RetiringFile {
  readonly fileId: string;
  readonly storeId: string;
}

export const STEPS = ['planned', 'stored', 'uploaded', 'attached'] as const;
export type Step = (typeof STEPS)[number];

/** The manifest's entry of one context file (docs/sync.md). */
export interface ContextFile {
  readonly accountId: string;
  readonly name: string;
  readonly kind: string;
  readonly title: string;
  /** Fencing token of the sync that may write here. */
  readonly token: number;
  readonly next: (FileRevision & { readonly state: Step }) | null;
  readonly live: (FileRevision & { readonly since: Date }) | null;
  readonly retiring: readonly RetiringFile[];
  readonly failed: {
    readonly sha256: string;
    readonly reason: string;
    readonly attempts: number;
    /** Null: given up until the content changes. */
    readonly nextTryAt: Date | null;
  } | null;
}

const revision = {
  sha256: { type: String, required: true },
  bytes: { type: Number, required: true },
  storeId: { type: String, required: true },
  attributes: { type: Schema.Types.Mixed, required: true },
  objectKey: { type: String, required: true },
  fileId: { type: String, default: null },
  steps: [
    new Schema(
      { step: { type: String, enum: [...STEPS, 'live'], required: true }, at: { type: Date, required: true } },
      { _id: false, strict: 'throw' },
    ),
  ],
};
const part = (fields: object) => ({ type: new Schema({ ...fields }, { _id: false, strict: 'throw' }), default: null });

const contextFileSchema = new Schema<ContextFile>(
  {
    accountId: { type: String, required: true },
    name: { type: String, required: true },
    kind: { type: String, required: true },
    title: { type: String, required: true },
    token: { type: Number, required: true },
    next: part({ ...revision, state: { type: String, enum: STEPS, required: true } }),
    live: part({ ...revision, since: { type: Date, required: true } }),
    retiring: [new Schema({ fileId: String, storeId: String }, { _id: false, strict: 'throw' })],
    failed: part({ sha256: String, reason: String, attempts: Number, nextTryAt: { type: Date, default: null } }),
  },
  { strict: 'throw', strictQuery: 'throw' },
);
contextFileSchema.index({ accountId: 1, name: 1 }, { unique: true }); // the manifest of a business
contextFileSchema.index({ accountId: 1, 'live.fileId': 1 }); // citations of an answer
contextFileSchema.plugin(tenantGuard);

export function createContextFileModel(connection: Connection) {
  return connection.model('contextFile', contextFileSchema, 'contextFiles');
}
