import type { Request } from 'express';
import passport from 'passport';
import type { AccessTokens } from './access-token.ts';
import type { SessionCookies } from './session-cookies.ts';
import type { Sessions } from './sessions.ts';

/** Somebody with a live session. */
export interface LoggedIn {
  readonly userId: string;
  readonly sessionId: string;
}

interface Deps {
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly cookies: SessionCookies;
}

/** Passport's strategy for our session cookie. It fails without a live session, and errs with an AppError for a token that is no good. */
export class SessionStrategy extends passport.Strategy {
  override readonly name = 'session-token';
  // Passport calls a copy that inherits from this: a #private field would not be found.
  private readonly deps: Deps;

  constructor(deps: Deps) {
    super();
    this.deps = deps;
  }

  override authenticate(req: Request): void {
    findLoggedIn(this.deps, req).then(
      (found) => (found === undefined ? this.fail() : this.success(found)),
      (error: unknown) => this.error(error),
    );
  }
}

async function findLoggedIn({ tokens, sessions, cookies }: Deps, req: Request): Promise<LoggedIn | undefined> {
  const token = cookies.readAccess(req);
  if (token === undefined) return undefined;
  const claims = await tokens.verify(token);
  const session = await sessions.findLive(claims.sessionId);
  return session?.userId === claims.userId ? claims : undefined;
}
