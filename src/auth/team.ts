import type { Connection } from 'mongoose';
import type { Account } from '../accounts/account.model.ts';
import type { AccountService } from '../accounts/account.service.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Hasher } from '../platform/server-secret.ts';
import type { Credentials } from './credentials.ts';
import { createInvitationModel, type Invitation } from './invitation.model.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { hashMailToken, isNoMailToken, newMailToken } from './mail-tokens.ts';
import type { Membership } from './membership.model.ts';
import type { Memberships } from './memberships.ts';
import { requireGoodPassword } from './password-rules.ts';
import type { Passwords } from './password.ts';
import type { PeopleMails } from './people-mails.ts';
import type { Role } from './scopes.ts';
import type { User, UserModel } from './user.model.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const INVITATIONS_MAX = 50;

export type Member = Membership & Pick<User, 'email' | 'name'>;

export interface Team {
  listMembers(accountId: string): Promise<Member[]>;
  listInvitations(accountId: string): Promise<Invitation[]>;
  /**
   * Mails an invitation; who is invited again gets a new one and the old one ends.
   * @throws AppError `not-permitted` for somebody whose own address isn't confirmed, `conflict` for a member, `too-many-requests`.
   */
  invite(accountId: string, invitedBy: string, invitation: { email: string; role: Role }): Promise<Invitation>;
  /** @throws AppError `not-found`. */
  withdrawInvitation(accountId: string, id: string): Promise<void>;
  /**
   * Somebody new gives a name and a password. So does somebody whose address was never confirmed: whoever signed up with it may have
   * been a stranger, and is logged out. @throws AppError `invalid-input`.
   */
  accept(input: { token: string; name?: string | undefined; password?: string | undefined }): Promise<{
    user: User;
    account: Account;
    isNew: boolean;
  }>;
  /** @throws AppError `not-found`, `last-owner`. */
  setRole(accountId: string, userId: string, role: Role): Promise<Member>;
  /** @throws AppError `not-found`, `last-owner`. */
  remove(accountId: string, userId: string): Promise<void>;
}

/** Who works for a business. Roles hold here at once, in other processes within 5 s. */
export function createTeam(deps: {
  connection: Connection;
  users: UserModel;
  memberships: Memberships;
  credentials: Pick<Credentials, 'setPassword'>;
  passwords: Passwords;
  accounts: Pick<AccountService, 'get'>;
  throttle: Pick<LoginThrottle, 'countInvitation'>;
  mails: PeopleMails;
  clock: Clock;
  newId: NewId;
  hasher: Hasher;
}): Team {
  const { users, memberships, clock, hasher } = deps;
  const invitations = createInvitationModel(deps.connection);

  async function withName<Each extends Membership>(members: readonly Each[]): Promise<(Each & Member)[]> {
    const known = await users.find({ _id: { $in: members.map(({ userId }) => userId) } }).lean<User[]>();
    const byId = new Map(known.map((user) => [user._id, user]));
    return members.flatMap((member) => {
      const user = byId.get(member.userId);
      return user === undefined ? [] : [{ ...member, email: user.email, name: user.name }];
    });
  }

  async function requireInvitable(accountId: string, email: string): Promise<void> {
    const team = await withName(await memberships.list(accountId));
    if (team.some((member) => member.email === email)) throw new AppError('conflict', `email: ${email} is in the team`);
    const open = await invitations.countDocuments({ accountId, email: { $ne: email } });
    if (open >= INVITATIONS_MAX) {
      throw new AppError('conflict', `${INVITATIONS_MAX} invitations are open; withdraw some first`);
    }
  }

  async function createUser(email: string, name: string, password: string): Promise<User> {
    requireGoodPassword(password, [email, name]);
    const passwordHash = await deps.passwords.hash(password);
    const user = { _id: deps.newId('usr'), email, name, passwordHash, emailVerifiedAt: clock.now() };
    try {
      return (await users.create(user)).toObject();
    } catch (error) {
      // They signed up meanwhile, and can accept again.
      throw isDuplicateKey(error)
        ? new AppError('conflict', 'email: somebody just signed up with it; try again')
        : error;
    }
  }

  async function prove(known: User | null, email: string, name?: string, password?: string): Promise<User> {
    if (known?.emailVerifiedAt) return known;
    const missing = [
      ...(password === undefined ? ['password'] : []),
      ...(name === undefined && !known ? ['name'] : []),
    ];
    if (missing.length > 0) {
      const fields = missing.map((path) => ({ path, message: 'is needed to join' }));
      throw new AppError('invalid-input', `${missing.join(', ')}: needed to join with ${email}`, { fields });
    }
    if (known === null) return createUser(email, name ?? '', password ?? '');
    await deps.credentials.setPassword(known, password ?? '');
    await users.updateOne({ _id: known._id }, { $set: { emailVerifiedAt: clock.now() } });
    return known;
  }

  return {
    listMembers: async (accountId) => withName(await memberships.list(accountId)),

    listInvitations: (accountId) =>
      invitations
        .find({ accountId, expiresAt: { $gt: clock.now() } })
        .sort({ createdAt: -1 })
        .lean<Invitation[]>(),

    async invite(accountId, invitedBy, { email, role }) {
      const inviter = await users.findById(invitedBy).lean<User>();
      if (!inviter?.emailVerifiedAt) {
        throw new AppError(
          'not-permitted',
          'Confirm your own e-mail address before you invite others; the link is in our mail',
        );
      }
      await requireInvitable(accountId, email);
      await deps.throttle.countInvitation(accountId, email);
      const token = newMailToken();
      const now = clock.now();
      const given = {
        role,
        invitedBy,
        tokenHash: hashMailToken(hasher, token),
        createdAt: now,
        expiresAt: shiftDate(now, WEEK_MS),
      };
      const invitation = await invitations
        .findOneAndUpdate(
          { accountId, email },
          { $set: given, $setOnInsert: { _id: deps.newId('inv') } },
          { upsert: true, returnDocument: 'after' },
        )
        .lean<Invitation>();
      const { name: business } = await deps.accounts.get(accountId);
      await deps.mails.invite(email, { token, business, inviter: inviter.name, role });
      return invitation;
    },

    async withdrawInvitation(accountId, id) {
      const { deletedCount } = await invitations.deleteOne({ accountId, _id: id });
      if (deletedCount === 0) throw new AppError('not-found', 'There is no such invitation');
    },

    async accept({ token, name, password }) {
      const open = { tokenHash: hashMailToken(hasher, token), expiresAt: { $gt: clock.now() } };
      const invitation = await invitations.findOne(open).setOptions({ acrossAccounts: true }).lean<Invitation>();
      if (invitation === null) throw isNoMailToken();
      const { _id, accountId, email, role } = invitation;
      const account = await deps.accounts.get(accountId);
      const known = await users.findOne({ email }).lean<User>();
      const user = await prove(known, email, name, password);
      // Whoever takes it away joins; the token is good once.
      const { deletedCount } = await invitations.deleteOne({ accountId, _id, tokenHash: open.tokenHash });
      if (deletedCount === 0) throw isNoMailToken();
      await memberships.add(accountId, user._id, role);
      return { user, account, isNew: known === null };
    },

    async setRole(accountId, userId, role) {
      const changed = await memberships.setRole(accountId, userId, role);
      if (role !== 'owner') await invitations.deleteMany({ accountId, invitedBy: userId });
      const [member] = await withName([changed]);
      if (member === undefined) throw new AppError('not-found', 'There is no such member of the team');
      return member;
    },

    async remove(accountId, userId) {
      await memberships.remove(accountId, userId);
      await invitations.deleteMany({ accountId, invitedBy: userId });
    },
  };
}
