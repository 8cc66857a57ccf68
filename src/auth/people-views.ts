import type { z } from 'zod';
import type { Invitation } from './invitation.model.ts';
import type { InvitationView, MemberView, SessionView, UserView } from './people.schema.ts';
import type { Session } from './session.model.ts';
import type { Member } from './team.ts';
import type { User } from './user.model.ts';

export function viewOfUser({ _id: id, email, name, emailVerifiedAt, isOperator }: User): z.infer<typeof UserView> {
  return { id, email, name, emailVerified: Boolean(emailVerifiedAt), isOperator };
}

export function viewOfMember({ userId, email, name, role, createdAt }: Member): z.infer<typeof MemberView> {
  return { userId, email, name, role, since: createdAt.toISOString() };
}

export function viewOfInvitation({ _id: id, email, role, expiresAt }: Invitation): z.infer<typeof InvitationView> {
  return { id, email, role, expiresAt: expiresAt.toISOString() };
}

export function viewOfSession(session: Session, thisId: string): z.infer<typeof SessionView> {
  return {
    id: session._id,
    isThis: session._id === thisId,
    device: session.device,
    address: session.address,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  };
}
