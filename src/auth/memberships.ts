import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import { createMembershipModel, type Membership } from './membership.model.ts';
import type { Role } from './scopes.ts';

export interface Memberships {
  /** The businesses of a person. */
  listOf(userId: string): Promise<Membership[]>;
  /** The people of a business. */
  list(accountId: string): Promise<Membership[]>;
  /** Harmless when they are one already: their role stays. */
  add(accountId: string, userId: string, role: Role): Promise<void>;
  /** @throws AppError `not-found`, `last-owner`. */
  setRole(accountId: string, userId: string, role: Role): Promise<Membership>;
  /** @throws AppError `not-found`, `last-owner`. */
  remove(accountId: string, userId: string): Promise<void>;
}

/** A mark of somebody who died in the middle counts no more. */
const LEAVING_MS = 60_000;

/** `changed` hears of each person whose roles were changed. */
export function createMemberships(deps: {
  connection: Connection;
  clock: Clock;
  changed: (userId: string) => void;
}): Memberships {
  const { clock, changed } = deps;
  const memberships = createMembershipModel(deps.connection);

  async function get(accountId: string, userId: string): Promise<Membership> {
    const member = await memberships.findOne({ accountId, userId }).lean<Membership>();
    if (member === null) throw new AppError('not-found', 'There is no such member of the team');
    return member;
  }

  /**
   * Marks an owner who is about to be none, and looks whether another one stays. Of two owners who take it from each other at the same
   * time, whoever looks second sees the other's mark: one of them, or both, is refused, and an owner stays.
   */
  async function markLeaving(accountId: string, userId: string): Promise<void> {
    const now = clock.now();
    await memberships.updateOne({ accountId, userId }, { $set: { leavingSince: now } });
    const staying = await memberships.countDocuments({
      accountId,
      userId: { $ne: userId },
      role: 'owner',
      $or: [{ leavingSince: null }, { leavingSince: { $lt: shiftDate(now, -LEAVING_MS) } }],
    });
    if (staying > 0) return;
    await memberships.updateOne({ accountId, userId }, { $set: { leavingSince: null } });
    throw new AppError('last-owner', 'This is the last owner; make somebody else owner first');
  }

  return {
    async listOf(userId) {
      return memberships
        .find({ userId })
        .setOptions({ acrossAccounts: true })
        .sort({ createdAt: 1 })
        .lean<Membership[]>();
    },

    async list(accountId) {
      return memberships.find({ accountId }).sort({ createdAt: 1 }).lean<Membership[]>();
    },

    async add(accountId, userId, role) {
      try {
        await memberships.create({ accountId, userId, role, createdAt: clock.now() });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      changed(userId);
    },

    async setRole(accountId, userId, role) {
      const member = await get(accountId, userId);
      if (member.role === 'owner' && role !== 'owner') await markLeaving(accountId, userId);
      await memberships.updateOne({ accountId, userId }, { $set: { role, leavingSince: null } });
      changed(userId);
      return { ...member, role };
    },

    async remove(accountId, userId) {
      const { role } = await get(accountId, userId);
      if (role === 'owner') await markLeaving(accountId, userId);
      await memberships.deleteOne({ accountId, userId });
      changed(userId);
    },
  };
}
