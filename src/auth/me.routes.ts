import { z } from 'zod';
import { AppError } from '../platform/errors.ts';
import { addressOf } from '../platform/caller-address.ts';
import { createFailedAttempts } from '../platform/failed-attempts.ts';
import type { Clock } from '../platform/clock.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AuthService } from './auth.service.ts';
import {
  BusinessView,
  ChangePasswordInput,
  ForgotInput,
  ResetInput,
  SessionView,
  TokenInput,
  UserView,
} from './people.schema.ts';
import { viewOfSession, viewOfUser } from './people-views.ts';

const person = { by: 'person' } as const;
const anyone = { by: 'anyone' } as const;
const Me = z.strictObject({ user: UserView, businesses: z.array(BusinessView) });
const Accepted = z.strictObject({ status: z.literal('check-your-mail') });

/** A person's own things: who they are, their sessions, and what they prove it by. */
export function meRoutes(route: RouteBuilder, auth: AuthService): void {
  route(
    {
      method: 'get',
      path: '/v1/me',
      summary: 'Who is logged in, and their businesses',
      access: person,
      answers: { 200: Me },
    },
    async ({ caller: { userId } }) => {
      const [user, businesses] = await Promise.all([auth.people.get(userId), auth.people.listBusinesses(userId)]);
      return { status: 200, body: { user: viewOfUser(user), businesses } };
    },
  );

  route(
    {
      method: 'get',
      path: '/v1/auth/sessions',
      summary: 'Where this person is logged in',
      access: person,
      answers: { 200: z.strictObject({ data: z.array(SessionView) }) },
    },
    async ({ caller: { userId, sessionId } }) => {
      const sessions = await auth.sessionStore.list(userId);
      return { status: 200, body: { data: sessions.map((session) => viewOfSession(session, sessionId)) } };
    },
  );

  route(
    {
      method: 'delete',
      path: '/v1/auth/sessions/:id',
      summary: 'Log out elsewhere',
      access: person,
      params: z.object({ id: z.string().max(100) }),
      answers: { 204: null },
    },
    async ({ caller: { userId }, params }) => {
      if (!(await auth.sessionStore.end(userId, params.id))) {
        throw new AppError('not-found', 'There is no such session');
      }
      return { status: 204 };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/change-password',
      summary: 'Another password, by the current one; all other sessions end',
      access: person,
      body: ChangePasswordInput,
      answers: { 204: null },
    },
    async ({ req, caller, body }) => {
      await auth.credentials.changePassword(caller, body, addressOf(req));
      return { status: 204 };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/resend-verification',
      summary: 'Another mail to confirm the address',
      access: person,
      answers: { 202: Accepted },
    },
    async ({ req, caller }) => {
      await auth.credentials.resendVerification(caller.userId, addressOf(req));
      return { status: 202, body: { status: 'check-your-mail' } };
    },
  );
}

/** 256 random bits can't be guessed; whoever tries shall not try at our cost either. */
export function createWrongTokens(clock: Clock) {
  const failed = createFailedAttempts(clock, 30, 'wrong tokens');
  return async <Result>(address: string, run: () => Promise<Result>): Promise<Result> => {
    failed.requireFew(address);
    try {
      return await run();
    } catch (error) {
      failed.count(address);
      throw error;
    }
  };
}

/** By a token that was mailed. None of these sets a cookie. */
export function mailTokenRoutes(route: RouteBuilder, auth: AuthService, clock: Clock): void {
  const countWrong = createWrongTokens(clock);
  const redeem = async (address: string, run: () => Promise<void>) => {
    await countWrong(address, run);
    return { status: 204 };
  };

  route(
    {
      method: 'post',
      path: '/v1/auth/verify-email',
      // Logged in, so that nobody confirms, by a link in a mail, that a stranger's account is theirs.
      summary: 'Confirm your address by the token that was mailed to it',
      access: person,
      body: TokenInput,
      answers: { 204: null },
    },
    ({ req, body, caller }) => redeem(addressOf(req), () => auth.credentials.verifyEmail(caller.userId, body.token)),
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/forgot-password',
      summary: 'A mail to choose a new password by; the answer is the same whether anybody has that address',
      access: anyone,
      body: ForgotInput,
      answers: { 202: Accepted },
    },
    async ({ req, body }) => {
      await auth.credentials.forgotPassword(body.email, addressOf(req));
      return { status: 202, body: { status: 'check-your-mail' } };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/reset-password',
      summary: 'Another password, by the token that was mailed; all sessions end',
      access: anyone,
      body: ResetInput,
      answers: { 204: null },
    },
    ({ req, body }) => redeem(addressOf(req), () => auth.credentials.resetPassword(body.token, body.password)),
  );
}
