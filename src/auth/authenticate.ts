import passport from 'passport';
import { HeaderAPIKeyStrategy } from 'passport-headerapikey';
import { AppError } from '../platform/errors.ts';
import type { Authenticate } from '../platform/route.ts';
import { requireAllowedHost } from './allowed-host.ts';
import type { ApiKey } from './api-key.model.ts';
import type { AuthService } from './auth.service.ts';

/** Authenticates a request by its `X-API-Key`, through passport. */
export function createAuthenticate(auth: AuthService): Authenticate {
  const authenticator = new passport.Passport();
  authenticator.use(
    new HeaderAPIKeyStrategy({ header: 'X-API-Key', prefix: '' }, false, (key, done) => {
      // An async verifier that rejects would leave the request hanging, so it is passed on by hand.
      auth.verifyKey(key).then(
        (known) => done(null, known),
        (error: unknown) => done(error as Error),
      );
    }),
  );

  return async (req, res, access) => {
    const key = await new Promise<ApiKey>((resolve, reject) => {
      const check = authenticator.authenticate('headerapikey', { session: false }, (error: unknown, known: unknown) => {
        if (error) reject(error);
        else if (known) resolve(known as ApiKey);
        else reject(new AppError('missing-key', 'X-API-Key: a key is needed'));
      }) as (req: unknown, res: unknown, next: (error?: unknown) => void) => void;
      check(req, res, reject);
    });
    requireKind(key, access.by);
    if (access.by === 'publishable') {
      requireAllowedHost(
        { origin: req.get('Origin'), secFetchSite: req.get('Sec-Fetch-Site'), host: req.get('Host') },
        key.hosts,
      );
    } else if (!key.scopes.includes(access.scope)) {
      throw new AppError('not-permitted', `This key lacks the scope ${access.scope}`);
    }
    return { accountId: key.accountId, keyId: key._id };
  };
}

function requireKind(key: ApiKey, kind: 'publishable' | 'secret'): void {
  if (key.kind !== kind) throw new AppError('not-permitted', `This route takes a ${kind} key, not a ${key.kind} one`);
}
