import type { Request, Response } from 'express';
import { HeaderAPIKeyStrategy } from 'passport-headerapikey';
import type { AccountService } from '../accounts/account.service.ts';
import { requireUsable } from '../accounts/standing.ts';
import { addressOf } from '../platform/caller-address.ts';
import { AppError } from '../platform/errors.ts';
import type { Access, AnyCaller, Authenticate, Caller, VisitorCaller } from '../platform/route.ts';
import { originOf, requireAllowedHost } from './allowed-host.ts';
import type { ApiKey } from './api-key.model.ts';
import { askPassport } from './ask-passport.ts';
import type { ApiKeys } from './api-keys.ts';
import type { SessionAuth } from './session-auth.ts';

/** Authenticates each request by its `X-API-Key` or its session cookie, through passport. A key goes before a cookie. */
export function createAuthenticate(deps: {
  keys: ApiKeys;
  sessions: SessionAuth;
  accounts: Pick<AccountService, 'getStanding'>;
}): Authenticate {
  const { keys, sessions } = deps;
  const findKey = askPassport<ApiKey>(
    new HeaderAPIKeyStrategy({ header: 'X-API-Key', prefix: '' }, true, (key, done, req) => {
      // An async verifier that rejects would leave the request hanging, so it is passed on by hand.
      keys.verify(key, req && addressOf(req)).then(
        (known) => done(null, known),
        (error: unknown) => done(error as Error),
      );
    }),
  );

  async function byKey(req: Request, res: Response, access: Exclude<Access, { by: 'anyone' }>): Promise<AnyCaller> {
    const key = await findKey(req, res);
    if (key === undefined) throw new AppError('missing-key', 'X-API-Key: a key is needed');
    const caller = callerBy(key, req, access);
    keys.noteUse(key);
    return caller;
  }

  function callerBy(key: ApiKey, req: Request, access: Access): AnyCaller {
    if (access.by === 'visitor') return key.kind === 'publishable' ? browserOf(req, key) : serverOf(key, 'chat');
    if (access.by === 'business') return serverOf(key, access.scope);
    throw new AppError('not-permitted', 'This is for people who are logged in, not for keys');
  }

  function browserOf(req: Request, key: ApiKey): VisitorCaller {
    try {
      requireAllowedHost(originOf(req), key.hosts);
    } catch (error) {
      keys.noteRefusal(key, originOf(req));
      throw error;
    }
    return { ...callerOf(key), keyId: key._id, kind: 'publishable' };
  }

  return async (req, res, access) => {
    const isKey = req.get('X-API-Key') !== undefined || access.by === 'visitor';
    const caller = isKey ? await byKey(req, res, access) : await sessions.authenticate(req, res, access);
    if ('accountId' in caller) {
      const standing = await deps.accounts.getStanding(caller.accountId);
      requireUsable(standing, useOf(access, req.method));
    }
    return caller;
  };
}

function useOf(access: Access, method: string): 'visit' | 'read' | 'change' {
  // What is a right of people counts as reading: it is refused to nobody.
  if (method === 'GET' && access.by !== 'visitor') return 'read';
  if ('isRight' in access && access.isRight) return 'read';
  return access.by === 'visitor' ? 'visit' : 'change';
}

function serverOf(key: ApiKey, scope: string): VisitorCaller {
  if (key.kind !== 'secret')
    throw new AppError('not-permitted', `This route takes a secret key, not a ${key.kind} one`);
  if (!key.scopes.includes(scope)) throw new AppError('not-permitted', `This key lacks the scope ${scope}`);
  return { ...callerOf(key), keyId: key._id, kind: 'secret' };
}

function callerOf(key: ApiKey): Caller {
  return { accountId: key.accountId, actorId: key._id };
}
