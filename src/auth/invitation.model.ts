import { type Connection, Schema } from 'mongoose';
import { tenantGuard } from '../platform/tenant-guard.ts';
import { type Role, ROLES } from './scopes.ts';

export interface Invitation {
  _id: string;
  accountId: string;
  email: string;
  role: Role;
  /** HMAC of the token that was mailed. */
  tokenHash: string;
  invitedBy: string;
  createdAt: Date;
  expiresAt: Date;
}

const invitationSchema = new Schema<Invitation>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, required: true },
    email: { type: String, required: true },
    role: { type: String, enum: ROLES, required: true },
    tokenHash: { type: String, required: true },
    invitedBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { strict: 'throw', strictQuery: 'throw' },
);
invitationSchema.index({ accountId: 1, email: 1 }, { unique: true }); // GET /v1/team; who is invited again gets a new token
invitationSchema.index({ tokenHash: 1 }, { unique: true }); // POST /v1/auth/accept-invitation
invitationSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
invitationSchema.plugin(tenantGuard);

export function createInvitationModel(connection: Connection) {
  return connection.model<Invitation>('invitation', invitationSchema, 'invitations');
}
