import { z } from 'zod';
import { AppError } from '../platform/errors.ts';
import { addressOf } from '../platform/caller-address.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AuthService } from './auth.service.ts';
import { BusinessView, ChangePasswordInput, SessionView, UserView } from './people.schema.ts';
import { viewOfSession, viewOfUser } from './people-views.ts';

const person = { by: 'person' } as const;
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
