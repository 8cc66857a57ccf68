import { type Connection, type InferSchemaType, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';
import type { Address } from './account.schema.ts';
import type { OpeningHours } from './opening-hours.schema.ts';

const locationSchema = new Schema(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    isMain: { type: Boolean, required: true },
    name: { type: String, required: true },
    address: {
      street: { type: String, default: '' },
      city: { type: String, default: '' },
      region: { type: String, default: '' },
      postalCode: { type: String, default: '' },
      country: { type: String, default: '' }, // ISO 3166-1 alpha-2
    },
    geo: { lat: { type: Number, default: null }, lon: { type: Number, default: null } },
    phone: { type: String, default: null },
    directions: { type: String, default: '' },
    hours: { type: Schema.Types.Mixed, required: true }, // OpeningHours
    rev: { type: Number, required: true },
  },
  // `minimize` would drop a week without a period.
  { timestamps: true, minimize: false, strict: 'throw', strictQuery: 'throw' },
);
locationSchema.index({ accountId: 1, isMain: -1, _id: 1 }); // the places of a business, the main one first
locationSchema.plugin(tenantGuard);

export function createLocationModel(connection: Connection) {
  return connection.model('location', locationSchema, 'locations');
}

export type Location = Omit<InferSchemaType<typeof locationSchema>, 'hours' | 'address'> & {
  hours: OpeningHours;
  address: Address;
};
