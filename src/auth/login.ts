import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Passwords } from './password.ts';
import type { Device, Sessions, StartedSession } from './sessions.ts';
import type { SignUp } from './sign-up.ts';
import type { User, UserModel } from './user.model.ts';

export interface Login {
  /**
   * Starts a session, always a new one. An unknown address costs the same work and gets the same answer as a wrong password.
   * @throws AppError `wrong-credentials`, `too-many-requests`.
   */
  login(credentials: { email: string; password: string }, from: Device): Promise<StartedSession & { user: User }>;
  /** Whether it is the password of somebody who is logged in. @throws AppError `wrong-credentials`, `too-many-requests`. */
  requirePassword(user: User, password: string, address: string): Promise<void>;
}

export function createLogin(deps: {
  users: UserModel;
  sessions: Sessions;
  passwords: Passwords;
  throttle: LoginThrottle;
  signUp: Pick<SignUp, 'finish'>;
  log: Logger;
}): Login {
  const { users, sessions, passwords, throttle, log } = deps;

  /** Counted before it is looked at, and taken back when it was right. */
  async function check(user: User | null, email: string, password: string, address: string): Promise<User> {
    await throttle.begin(email, address, async () => user !== null && (await sessions.hasFrom(user._id, address)));
    const isRight = await passwords.isRight(password, user?.passwordHash);
    if (user === null || !isRight) {
      log.info({ event: 'login.failed', userId: user?._id ?? null }, 'login failed');
      throw new AppError('wrong-credentials', 'E-mail address or password is wrong');
    }
    await throttle.succeed(email, address);
    return user;
  }

  return {
    async login({ email, password }, from) {
      const user = await check(await users.findOne({ email }).lean<User>(), email, password, from.address);
      await deps.signUp.finish(user);
      const started = await sessions.start(user._id, from);
      // Whoever changed the password meanwhile has ended the sessions that were there then.
      const isStillRight = await users.exists({ _id: user._id, passwordHash: user.passwordHash });
      if (isStillRight === null) {
        await sessions.end(user._id, started.session._id);
        throw new AppError('wrong-credentials', 'E-mail address or password is wrong');
      }
      return { ...started, user };
    },

    async requirePassword(user, password, address) {
      await check(user, user.email, password, address);
    },
  };
}
