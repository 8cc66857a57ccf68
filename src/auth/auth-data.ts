import type { Connection } from 'mongoose';
import { type DataOwner, eraseDocuments, exportDocuments } from '../platform/data-owners.ts';
import { createApiKeyModel } from './api-key.model.ts';
import { createInvitationModel } from './invitation.model.ts';
import { createMailTokenModel } from './mail-token.model.ts';
import { createMembershipModel } from './membership.model.ts';
import { createSessionModel } from './session.model.ts';
import { createUserModel } from './user.model.ts';

/** Who may call in the name of the business. People belong to themselves, and go with the last business that they are in. */
export function createAuthData({ connection }: { connection: Connection }): DataOwner {
  const keys = createApiKeyModel(connection);
  const invitations = createInvitationModel(connection);
  const memberships = createMembershipModel(connection);
  const users = createUserModel(connection);
  const sessions = createSessionModel(connection);
  const mailTokens = createMailTokenModel(connection);

  async function* readTeam(accountId: string): AsyncGenerator<object> {
    for await (const { userId, role, createdAt } of memberships.find({ accountId }).lean().cursor()) {
      const user = await users.findById(userId).lean();
      yield { userId, role, since: createdAt, email: user?.email ?? null, name: user?.name ?? null };
    }
  }

  async function eraseUser(accountId: string, userId: string) {
    const isElsewhere = await memberships
      .exists({ userId, accountId: { $ne: accountId } })
      .setOptions({ acrossAccounts: true });
    if (isElsewhere !== null) return { users: 0, sessions: 0 };
    // One who runs the service stays, and one who is about to found another business.
    const erased = await users.deleteOne({ _id: userId, isOperator: false, unfinished: null });
    if (erased.deletedCount === 0 && (await users.exists({ _id: userId })) !== null) return { users: 0, sessions: 0 };
    await mailTokens.deleteMany({ userId });
    return { users: erased.deletedCount, sessions: (await sessions.deleteMany({ userId })).deletedCount };
  }

  return {
    name: 'auth',

    async *exportAccount(accountId) {
      yield { path: 'team.jsonl', lines: readTeam(accountId) };
      yield exportDocuments('invitations.jsonl', invitations, accountId, ['tokenHash']);
      yield exportDocuments('keys.jsonl', keys, accountId, ['secrets']);
    },

    async eraseAccount(accountId, signal) {
      const counts = {
        keys: await eraseDocuments(keys, { accountId }, signal),
        invitations: await eraseDocuments(invitations, { accountId }, signal),
        memberships: 0,
        users: 0,
        sessions: 0,
      };
      for (const { userId } of await memberships.find({ accountId }).lean()) {
        signal.throwIfAborted();
        // The membership last: by it the person is found if this is broken off.
        const erased = await eraseUser(accountId, userId);
        counts.memberships += (await memberships.deleteOne({ accountId, userId })).deletedCount;
        // Once more: their other business may be on its way out as well, and have left them to this one.
        const erasedAfter = await eraseUser(accountId, userId);
        counts.users += erased.users + erasedAfter.users;
        counts.sessions += erased.sessions + erasedAfter.sessions;
      }
      return counts;
    },
  };
}
