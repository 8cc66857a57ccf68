import type { AccountService } from '../accounts/account.service.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Background } from './background.ts';
import type { Login } from './login.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { isNoMailToken, type MailTokens } from './mail-tokens.ts';
import type { Memberships } from './memberships.ts';
import type { Passwords } from './password.ts';
import { requireGoodPassword } from './password-rules.ts';
import type { PeopleMails } from './people-mails.ts';
import type { Sessions } from './sessions.ts';
import type { User, UserModel } from './user.model.ts';

/** What somebody proves who they are by: their address and their password. */
export interface Credentials {
  /** @throws AppError `invalid-input` for a token that is no good. */
  verifyEmail(userId: string, token: string): Promise<void>;
  /** Mails another link to confirm the address. */
  resendVerification(userId: string, address: string): Promise<void>;
  /** Mails a link to whoever has that address. It says nothing of whether anybody has, nor takes longer. @throws AppError `too-many-requests`. */
  forgotPassword(email: string, address: string): Promise<void>;
  /** Ends all sessions. @throws AppError `invalid-input` for the token or the password. */
  resetPassword(token: string, password: string): Promise<void>;
  /** Ends all other sessions. @throws AppError `wrong-credentials`, `too-many-requests`, `invalid-input`. */
  changePassword(
    caller: { userId: string; sessionId: string },
    passwords: { currentPassword: string; newPassword: string },
    address: string,
  ): Promise<void>;
  /** For somebody whose address is known to be theirs. @throws AppError `invalid-input`. */
  setPassword(user: User, password: string, keptSession?: string, field?: string): Promise<void>;
}

export function createCredentials(deps: {
  users: UserModel;
  accounts: Pick<AccountService, 'get'>;
  memberships: Memberships;
  sessions: Sessions;
  login: Pick<Login, 'requirePassword'>;
  passwords: Passwords;
  throttle: LoginThrottle;
  mailTokens: MailTokens;
  mails: PeopleMails;
  background: Background;
  clock: Clock;
  log: Logger;
}): Credentials {
  const { users, sessions, throttle, mailTokens, mails, background, log } = deps;

  async function get(userId: string): Promise<User> {
    const user = await users.findById(userId).lean<User>();
    if (user === null) throw new AppError('not-found', 'There is no such person');
    return user;
  }

  async function requireGood(user: User, password: string, field?: string): Promise<void> {
    const businesses = await deps.memberships.listOf(user._id);
    const named = await Promise.allSettled(businesses.map(({ accountId }) => deps.accounts.get(accountId)));
    const names = named.flatMap((each) => (each.status === 'fulfilled' ? [each.value.name] : []));
    requireGoodPassword(password, [user.email, user.name, ...names], field);
  }

  const verify = (userId: string) =>
    users.updateOne({ _id: userId, emailVerifiedAt: null }, { $set: { emailVerifiedAt: deps.clock.now() } });

  async function setPassword(user: User, password: string, keptSession?: string, field?: string): Promise<void> {
    await requireGood(user, password, field);
    await users.updateOne({ _id: user._id }, { $set: { passwordHash: await deps.passwords.hash(password) } });
    await sessions.endAll(user._id, keptSession);
    await mailTokens.endAll(user._id, 'reset');
    log.warn({ event: 'password.changed', userId: user._id }, 'password changed');
    background.run('mail of a changed password', () => mails.passwordChanged(user.email));
  }

  return {
    setPassword,

    async verifyEmail(userId, token) {
      // Another's token stays as it is.
      if ((await mailTokens.getOwner(token, 'verify')) !== userId) throw isNoMailToken();
      await verify(await mailTokens.redeem(token, 'verify'));
    },

    async resendVerification(userId, address) {
      const { email, emailVerifiedAt } = await get(userId);
      if (emailVerifiedAt || !(await throttle.mayMail(email, address))) return;
      await mails.verifyEmail(email, await mailTokens.create(userId, 'verify'));
    },

    async forgotPassword(email, address) {
      if (!(await throttle.mayMail(email, address))) return;
      background.run('mail to reset a password', async () => {
        const user = await users.findOne({ email }).lean<User>();
        if (user !== null) await mails.resetPassword(email, await mailTokens.create(user._id, 'reset'));
      });
    },

    async resetPassword(token, password) {
      const user = await get(await mailTokens.getOwner(token, 'reset'));
      await requireGood(user, password);
      if ((await mailTokens.redeem(token, 'reset')) !== user._id) throw isNoMailToken();
      await setPassword(user, password);
      await verify(user._id);
      await throttle.forgive(user.email);
    },

    async changePassword({ userId, sessionId }, { currentPassword, newPassword }, address) {
      const user = await get(userId);
      await deps.login.requirePassword(user, currentPassword, address);
      await setPassword(user, newPassword, sessionId, 'newPassword');
    },
  };
}
