import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';
import { type Role, ROLES } from './scopes.ts';

/** What a person is in a business. */
export interface Membership {
  accountId: string;
  userId: string;
  role: Role;
  /** An owner who is about to be none; such a one doesn't count as the owner that a business must have. */
  leavingSince?: Date | null;
  createdAt: Date;
}

const membershipSchema = new Schema<Membership>(
  {
    accountId: { type: String, required: true },
    userId: { type: String, required: true },
    role: { type: String, enum: ROLES, required: true },
    leavingSince: { type: Date, default: null },
    createdAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
membershipSchema.index({ accountId: 1, userId: 1 }, { unique: true }); // GET /v1/team
membershipSchema.index({ userId: 1 }); // the businesses of a person, by every request with a session
membershipSchema.plugin(tenantGuard);

export function createMembershipModel(connection: Connection) {
  return connection.model<Membership>('membership', membershipSchema, 'memberships');
}
