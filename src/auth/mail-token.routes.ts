import { z } from 'zod';
import { addressOf } from '../platform/caller-address.ts';
import { createFailedAttempts } from '../platform/failed-attempts.ts';
import type { Clock } from '../platform/clock.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AuthService } from './auth.service.ts';
import { ForgotInput, ResetInput, TokenInput } from './people.schema.ts';

const person = { by: 'person' } as const;
const anyone = { by: 'anyone' } as const;
const Accepted = z.strictObject({ status: z.literal('check-your-mail') });

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
