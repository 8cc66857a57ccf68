import type { AccountService } from '../accounts/account.service.ts';
import type { Platform } from '../platform/platform.ts';
import { type AccessTokens, createAccessTokens } from './access-token.ts';
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { createBackground } from './background.ts';
import { createCredentials, type Credentials } from './credentials.ts';
import { createLogin, type Login } from './login.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { createMailTokens } from './mail-tokens.ts';
import { createMemberships, type Memberships } from './memberships.ts';
import { createPasswords } from './password.ts';
import { createPeople, type People } from './people.ts';
import { createPeopleMails } from './people-mails.ts';
import { createPersonStandings, type PersonStandings } from './person-standings.ts';
import { createSessionAuth, type SessionAuth } from './session-auth.ts';
import { createSessionCookies, type SessionCookies } from './session-cookies.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createSignUp, type SignUp } from './sign-up.ts';
import { createTeam, type Team } from './team.ts';
import { createUserModel } from './user.model.ts';

/** Who may call: the keys of programs and pages, and the people who are logged in. */
export interface AuthService {
  readonly keys: ApiKeys;
  readonly sessions: SessionAuth;
  readonly signingKeys: SigningKeys;
  readonly accessTokens: AccessTokens;
  readonly cookies: SessionCookies;
  readonly sessionStore: Sessions;
  readonly people: People;
  readonly signUp: SignUp;
  readonly login: Login;
  readonly credentials: Credentials;
  readonly memberships: Memberships;
  readonly team: Team;
  /** Ends what runs in the background, and keeps what is counted in memory. */
  stop(): Promise<void>;
}

export function createAuthService(platform: Platform & { accounts: AccountService }): AuthService {
  const { publicUrl } = platform.config;
  const users = createUserModel(platform.connection);
  const keys = createApiKeys(platform);
  const background = createBackground(platform.log);
  const cookies = createSessionCookies(publicUrl);
  const signingKeys = createSigningKeys(platform);
  const accessTokens = createAccessTokens({ ...platform, keys: signingKeys, issuer: platform.installation });

  const memberships = createMemberships({ ...platform, changed: (userId) => standings.forget(userId) });
  const standings: PersonStandings = createPersonStandings({ ...platform, users, listMemberships: memberships.listOf });
  const shared = {
    ...platform,
    users,
    memberships,
    standings,
    background,
    sessions: createSessions(platform),
    passwords: createPasswords(),
    throttle: createLoginThrottle(platform),
    mailTokens: createMailTokens(platform),
    mails: createPeopleMails(platform),
  };
  const signUp = createSignUp(shared);
  const login = createLogin({ ...shared, signUp });
  const credentials = createCredentials({ ...shared, login });
  return {
    keys,
    signingKeys,
    accessTokens,
    cookies,
    signUp,
    login,
    credentials,
    memberships,
    sessionStore: shared.sessions,
    sessions: createSessionAuth({ ...shared, cookies, publicUrl, tokens: accessTokens }),
    people: createPeople(shared),
    team: createTeam({ ...shared, credentials }),
    async stop() {
      await Promise.all([background.settled(), keys.stop()]);
    },
  };
}
