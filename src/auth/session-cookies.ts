import type { Request, Response } from 'express';
import { TOKEN_S } from './signing-keys.ts';

/** The two cookies of a session: the short token that each request brings, and the one that renews it. */
export interface SessionCookies {
  readAccess(req: Request): string | undefined;
  readRefresh(req: Request): string | undefined;
  set(res: Response, tokens: { access: string; refresh: string; refreshEndsAt: Date }): void;
  clear(res: Response): void;
}

const REFRESH_PATH = '/v1/auth';

/** Under https they are `Secure`, and their names make browsers refuse what a sibling host or plain http would put in their place. */
export function createSessionCookies(publicUrl: string | undefined): SessionCookies {
  const secure = publicUrl?.startsWith('https:') ?? false;
  const accessName = secure ? '__Host-cb_session' : 'cb_session';
  const refreshName = secure ? '__Secure-cb_refresh' : 'cb_refresh';
  const access = { httpOnly: true, secure, sameSite: 'lax', path: '/' } as const;
  const refresh = { httpOnly: true, secure, sameSite: 'strict', path: REFRESH_PATH } as const;
  return {
    readAccess: (req) => cookieOf(req, accessName),
    readRefresh: (req) => cookieOf(req, refreshName),
    set(res, tokens) {
      res.cookie(accessName, tokens.access, { ...access, maxAge: TOKEN_S * 1000 });
      res.cookie(refreshName, tokens.refresh, { ...refresh, expires: tokens.refreshEndsAt });
    },
    clear(res) {
      res.clearCookie(accessName, access);
      res.clearCookie(refreshName, refresh);
    },
  };
}

/** Ours hold nothing that would have to be decoded. */
function cookieOf(req: Request, name: string): string | undefined {
  const pairs = (req.get('Cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
