import { errors, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { LEEWAY_S, type SigningKeys, TOKEN_S } from './signing-keys.ts';

const ALGORITHM = 'EdDSA';
const TYPE = 'session+jwt';
const AUDIENCE = 'chatbusiness-session';

/** Whose session a token is of. */
export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
}

export interface AccessTokens {
  sign(claims: AccessClaims): Promise<string>;
  /** @throws AppError `not-logged-in` for what we didn't sign, for this purpose, within the last quarter of an hour. */
  verify(token: string): Promise<AccessClaims>;
}

/** `issuer` names this installation. Algorithm, type, issuer and audience are fixed: what a token says of itself chooses nothing but the key. */
export function createAccessTokens(deps: { keys: SigningKeys; clock: Clock; issuer: string }): AccessTokens {
  const { keys, clock, issuer } = deps;
  return {
    async sign({ userId, sessionId }) {
      const { kid, privateKey } = await keys.current();
      const issuedAtS = Math.floor(clock.now().getTime() / 1000);
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + TOKEN_S)
        .sign(privateKey);
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = typeof kid === 'string' ? await keys.find(kid) : undefined;
            if (key === undefined) throw new errors.JWKSNoMatchingKey();
            return key.publicKey;
          },
          {
            algorithms: [ALGORITHM],
            typ: TYPE,
            issuer,
            audience: AUDIENCE,
            requiredClaims: ['sub', 'sid', 'iat', 'exp'],
            maxTokenAge: TOKEN_S,
            clockTolerance: LEEWAY_S,
            currentDate: clock.now(),
          },
        );
        return { userId: String(payload.sub), sessionId: String(payload['sid']) };
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        throw new AppError('not-logged-in', 'The session is over or not one of this server; refresh it or log in', {
          cause: error,
        });
      }
    },
  };
}
