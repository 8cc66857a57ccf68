import { type Connection, type InferSchemaType, Schema } from 'mongoose';

const signingKeySchema = new Schema(
  {
    _id: { type: String, required: true }, // kid
    generation: { type: Number, required: true }, // the greatest one signs
    publicJwk: { type: Schema.Types.Mixed, required: true },
    sealedPrivateKey: { type: String, required: true },
    createdAt: { type: Date, required: true },
    retiredAt: { type: Date, default: null }, // when a newer one came
  },
  { strict: 'throw', strictQuery: 'throw' },
);
signingKeySchema.index({ generation: 1 }, { unique: true }); // of two processes that make the next one, one does

export function createSigningKeyModel(connection: Connection) {
  return connection.model('signingKey', signingKeySchema, 'signingKeys');
}

export type SigningKeyRecord = InferSchemaType<typeof signingKeySchema>;
