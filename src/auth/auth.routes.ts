import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../platform/errors.ts';
import { addressOf } from '../platform/caller-address.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AuthService } from './auth.service.ts';
import { deviceOf, setSession, startSession } from './log-in-response.ts';
import { requireOwnOrigin } from './own-origin.ts';
import { BusinessView, LoginInput, LogoutInput, SignUpInput, UserView } from './people.schema.ts';
import { viewOfUser } from './people-views.ts';

const SignedUp = z.strictObject({ user: UserView, account: BusinessView });
const LoggedIn = z.strictObject({ user: UserView });

/** Signing up, in and out. All of these set cookies, so they answer pages of our own alone. */
export function authRoutes(route: RouteBuilder, auth: AuthService, publicUrl: string | undefined): void {
  route(
    {
      method: 'post',
      path: '/v1/auth/signup',
      summary: 'A person and their business; they are logged in, and get a mail to confirm the address',
      access: { by: 'anyone' },
      body: SignUpInput,
      answers: { 201: SignedUp },
    },
    async ({ req, res, body }) => {
      requireOwnOrigin(req, publicUrl);
      const { user, account } = await auth.signUp.signUp(body, addressOf(req));
      await startSession(auth, req, res, await auth.sessionStore.start(user._id, deviceOf(req)));
      const { _id: id, slug, name } = account;
      const view = { user: viewOfUser(user), account: { id, slug, name, role: 'owner' } };
      return { status: 201, body: view, author: { accountId: id, userId: user._id, actorId: user._id } };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/login',
      summary: 'Log in by e-mail address and password',
      access: { by: 'anyone' },
      body: LoginInput,
      answers: { 200: LoggedIn },
    },
    async ({ req, res, body }) => {
      requireOwnOrigin(req, publicUrl);
      const { user, ...started } = await auth.login.login(body, deviceOf(req));
      await startSession(auth, req, res, started);
      return { status: 200, body: { user: viewOfUser(user) } };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/refresh',
      summary: 'Another quarter of an hour, by the refresh cookie',
      access: { by: 'anyone' },
      answers: { 204: null },
    },
    async ({ req, res }) => {
      requireOwnOrigin(req, publicUrl);
      const token = auth.cookies.readRefresh(req);
      if (token === undefined) throw new AppError('not-logged-in', 'Log in by POST /v1/auth/login');
      try {
        await setSession(auth, res, await auth.sessionStore.refresh(token));
      } catch (error) {
        if (error instanceof AppError && error.code === 'not-logged-in') auth.cookies.clear(res);
        throw error;
      }
      return { status: 204 };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/logout',
      summary: 'End this session, or all of this person',
      access: { by: 'anyone' },
      body: LogoutInput,
      answers: { 204: null },
    },
    async ({ req, res, body }) => {
      requireOwnOrigin(req, publicUrl);
      const session = await findSession(auth, req);
      if (session !== undefined && body.everywhere) await auth.sessionStore.endAll(session.userId);
      else if (session !== undefined) await auth.sessionStore.end(session.userId, session.sessionId);
      auth.cookies.clear(res);
      return { status: 204 };
    },
  );
}

/** By whichever cookie is still good: the short one may be over. */
async function findSession(
  auth: AuthService,
  req: Request,
): Promise<{ userId: string; sessionId: string } | undefined> {
  const refresh = auth.cookies.readRefresh(req);
  const session = refresh === undefined ? undefined : await auth.sessionStore.findByToken(refresh);
  if (session !== undefined) return { userId: session.userId, sessionId: session._id };
  const access = auth.cookies.readAccess(req);
  if (access === undefined) return undefined;
  try {
    const claims = await auth.accessTokens.verify(access);
    return (await auth.sessionStore.findLive(claims.sessionId)) === undefined ? undefined : claims;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
