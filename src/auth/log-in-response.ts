import type { Request, Response } from 'express';
import { addressOf } from '../platform/caller-address.ts';
import type { AuthService } from './auth.service.ts';
import type { Device, StartedSession } from './sessions.ts';

/** Where a request comes from, to be shown to whoever's session it becomes. */
export function deviceOf(req: Request): Device {
  return { device: req.get('User-Agent') ?? '', address: addressOf(req) };
}

/** Gives a browser the cookies of its session. @returns when the short one is over. */
export async function setSession(
  auth: Pick<AuthService, 'accessTokens' | 'cookies'>,
  res: Response,
  { session, refreshToken }: StartedSession,
): Promise<void> {
  const access = await auth.accessTokens.sign({ userId: session.userId, sessionId: session._id });
  auth.cookies.set(res, { access, refresh: refreshToken, refreshEndsAt: session.expiresAt });
}

/** A browser that logs in leaves the session that it had: no cookie that was planted before is adopted. */
export async function startSession(
  auth: Pick<AuthService, 'accessTokens' | 'cookies' | 'sessionStore'>,
  req: Request,
  res: Response,
  started: StartedSession,
): Promise<void> {
  const before = auth.cookies.readRefresh(req);
  const left = before === undefined ? undefined : await auth.sessionStore.findByToken(before);
  if (left !== undefined) await auth.sessionStore.end(left.userId, left._id);
  await setSession(auth, res, started);
}
