import type { Request, Response } from 'express';
import { AppError } from '../platform/errors.ts';
import type { Access, AnyCaller, Person } from '../platform/route.ts';
import type { AccessTokens } from './access-token.ts';
import { askPassport } from './ask-passport.ts';
import type { Membership } from './membership.model.ts';
import { requireOwnOrigin } from './own-origin.ts';
import type { PersonStandings } from './person-standings.ts';
import { mayRole } from './scopes.ts';
import type { SessionCookies } from './session-cookies.ts';
import { type LoggedIn, SessionStrategy } from './session-strategy.ts';
import type { Sessions } from './sessions.ts';

/** Authenticates people by their session. */
export interface SessionAuth {
  /** @throws AppError `missing-key`, `not-logged-in`, `not-permitted`, `foreign-origin`, `not-found` for a business that isn't theirs. */
  authenticate(
    req: Request,
    res: Response,
    access: Exclude<Access, { by: 'anyone' } | { by: 'visitor' }>,
  ): Promise<AnyCaller>;
}

/** Each request looks at the session and at the person's roles, as they were at most 5 s ago. */
export function createSessionAuth(deps: {
  tokens: AccessTokens;
  sessions: Sessions;
  cookies: SessionCookies;
  standings: PersonStandings;
  publicUrl: string | undefined;
}): SessionAuth {
  const { cookies, standings, publicUrl } = deps;
  const findLoggedIn = askPassport<LoggedIn>(new SessionStrategy(deps));

  return {
    async authenticate(req, res, access) {
      if (cookies.readAccess(req) === undefined) throw nobody(access);
      if (req.method !== 'GET' && req.method !== 'HEAD') requireOwnOrigin(req, publicUrl);
      const found = await findLoggedIn(req, res);
      const standing = found && (await standings.find(found.userId));
      if (found === undefined || standing === undefined) {
        throw new AppError('not-logged-in', 'This session is over; log in again');
      }
      const { userId, sessionId } = found;
      const person: Person = { userId, sessionId, actorId: userId };
      if (access.by === 'person') return person;
      if (access.by === 'operator') {
        if (!standing.isOperator) throw new AppError('not-permitted', 'This is for those who run the service');
        return person;
      }
      const { accountId, role } = pickMembership(standing.memberships, req.get('X-Account'));
      if (!mayRole(role, access.scope)) {
        throw new AppError('not-permitted', `The role ${role} lacks the scope ${access.scope}`);
      }
      return { ...person, accountId, role };
    },
  };
}

function nobody(access: Access): AppError {
  return access.by === 'business'
    ? new AppError('missing-key', 'X-API-Key: a key is needed, or a login')
    : new AppError('not-logged-in', 'Log in by POST /v1/auth/login');
}

/** Which business it is about. One that isn't theirs is one that isn't there. */
function pickMembership(memberships: readonly Membership[], named: string | undefined): Membership {
  const [first, ...others] = memberships;
  if (named === undefined && others.length > 0) {
    const ids = memberships.map(({ accountId }) => accountId).join(', ');
    const message = `name the business that it is about: one of ${ids}`;
    throw new AppError('invalid-input', `X-Account: ${message}`, { fields: [{ path: 'X-Account', message }] });
  }
  const picked = named === undefined ? first : memberships.find(({ accountId }) => accountId === named);
  if (picked === undefined) throw new AppError('not-found', 'There is no such account');
  return picked;
}
