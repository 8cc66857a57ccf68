import type { Account } from '../accounts/account.model.ts';
import type { AccountService } from '../accounts/account.service.ts';
import { createStartingAccount } from '../accounts/starting-account.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import type { Background } from './background.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { MailTokens } from './mail-tokens.ts';
import type { Memberships } from './memberships.ts';
import type { Passwords } from './password.ts';
import { requireGoodPassword } from './password-rules.ts';
import type { PeopleMails } from './people-mails.ts';
import type { SignUpInput } from './people.schema.ts';
import type { Sessions } from './sessions.ts';
import type { User, UserModel } from './user.model.ts';

/** How long whoever began a sign-up may take to finish it, before a login does. */
const CLAIM_MS = 30_000;

export interface SignUp {
  /**
   * Makes a person and their business. They may log in and work at once, but invite nobody before their address is confirmed.
   * @throws AppError `invalid-input`, `conflict` for a known address, `too-many-requests`.
   */
  signUp(input: SignUpInput, address: string): Promise<{ user: User; account: Account }>;
  /** Makes the business of a sign-up that broke off, unless somebody is at it. */
  finish(user: User): Promise<Account | undefined>;
}

/**
 * The person comes first, with the business that is still to be made; then the business, the membership, and the note goes. Whatever
 * breaks off leaves a person who can log in, and a login, or signing up again with the same password, makes the rest.
 */
export function createSignUp(deps: {
  users: UserModel;
  accounts: Pick<AccountService, 'create'>;
  memberships: Memberships;
  sessions: Sessions;
  passwords: Passwords;
  throttle: LoginThrottle;
  mailTokens: MailTokens;
  mails: PeopleMails;
  background: Background;
  clock: Clock;
  newId: NewId;
  log: Logger;
}): SignUp {
  const { users, throttle, passwords, mails, clock, log } = deps;

  async function createUser({ email, name, password, business }: SignUpInput): Promise<User> {
    const user = {
      _id: deps.newId('usr'),
      email,
      name,
      passwordHash: await passwords.hash(password),
      unfinished: { ...business, claimedUntil: shiftDate(clock.now(), CLAIM_MS) },
    };
    return (await users.create(user)).toObject();
  }

  async function makeBusiness(user: User): Promise<Account> {
    const { name = '', timezone } = user.unfinished ?? {};
    const account = await createStartingAccount(deps.accounts, { name, timezone });
    await deps.memberships.add(account._id, user._id, 'owner');
    await users.updateOne({ _id: user._id }, { $set: { unfinished: null } });
    log.info({ event: 'person.signedUp', userId: user._id, accountId: account._id }, 'signed up');
    return account;
  }

  async function finish({ _id, unfinished }: User): Promise<Account | undefined> {
    if (!unfinished) return undefined;
    const now = clock.now();
    const claimed = await users
      .findOneAndUpdate(
        { _id, 'unfinished.claimedUntil': { $lte: now } },
        { $set: { 'unfinished.claimedUntil': shiftDate(now, CLAIM_MS) } },
      )
      .lean<User>();
    return claimed === null ? undefined : makeBusiness(claimed);
  }

  /** Signing up again: it goes on where it broke off, for whoever knows the password. All others learn as much as they must. */
  async function signUpAgain(known: User, password: string, address: string) {
    await throttle.begin(known.email, address, () => deps.sessions.hasFrom(known._id, address));
    if (await passwords.isRight(password, known.passwordHash)) {
      const account = await finish(known);
      if (account !== undefined) {
        await throttle.succeed(known.email, address);
        return { user: known, account };
      }
    }
    await throttle.countKnownEmail(address);
    deps.background.run('mail to a known address', async () => {
      if (await throttle.mayMail(known.email)) await mails.knownAddress(known.email);
    });
    throw new AppError('conflict', 'email: this address cannot sign up again; log in, or ask for a new password');
  }

  return {
    async signUp(input, address) {
      await throttle.countSignup(address);
      requireGoodPassword(input.password, [input.email, input.name, input.business.name]);
      const known = await users.findOne({ email: input.email }).lean<User>();
      if (known !== null) return signUpAgain(known, input.password, address);
      try {
        const user = await createUser(input);
        const account = await makeBusiness(user);
        deps.background.run('mail to confirm an address', async () =>
          mails.verifyEmail(user.email, await deps.mailTokens.create(user._id, 'verify')),
        );
        return { user, account };
      } catch (error) {
        const first = isDuplicateKey(error) ? await users.findOne({ email: input.email }).lean<User>() : null;
        if (first === null) throw error;
        return signUpAgain(first, input.password, address);
      }
    },
    finish,
  };
}
