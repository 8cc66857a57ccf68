import type { NewId } from '../platform/ids.ts';
import type { Outbox } from '../platform/outbox.ts';
import type { Platform } from '../platform/platform.ts';
import { loadTemplate, toLine } from '../platform/templates.ts';
import type { Role } from './scopes.ts';

/** The mails that people get about their account. Names that strangers could choose are in none that strangers can send. */
export interface PeopleMails {
  verifyEmail(to: string, token: string): Promise<void>;
  resetPassword(to: string, token: string): Promise<void>;
  invite(to: string, invitation: { token: string; business: string; inviter: string; role: Role }): Promise<void>;
  /** To the owner of an address that somebody tried to sign up with. */
  knownAddress(to: string): Promise<void>;
  passwordChanged(to: string): Promise<void>;
}

type Linked = { link: string; token: string };
const verify = loadTemplate<Linked>('mail/verify-email');
const reset = loadTemplate<Linked>('mail/reset-password');
const invitation = loadTemplate<Linked & { business: string; inviter: string; role: string }>('mail/invitation');
const known = loadTemplate<{ link: string }>('mail/known-address');
const changed = loadTemplate<{ link: string }>('mail/password-changed');

export function createPeopleMails(deps: {
  config: Pick<Platform['config'], 'publicUrl' | 'host' | 'port'>;
  newId: NewId;
  outbox: Outbox;
}): PeopleMails {
  const { publicUrl, host, port } = deps.config;
  const base = (publicUrl ?? `http://${host}:${port}`).replace(/\/+$/, '');
  // After the # it reaches no server's log and no Referer.
  const linked = (page: string, token: string): Linked => ({ link: `${base}/${page}#token=${token}`, token });
  const forgot = { link: `${base}/forgot-password` };
  const post = (to: string, subject: string, text: string) =>
    deps.outbox.post({ id: deps.newId('mail'), to, subject, text });
  return {
    verifyEmail: (to, token) => post(to, 'Please confirm your e-mail address', verify(linked('verify-email', token))),
    resetPassword: (to, token) => post(to, 'Choose a new password', reset(linked('reset-password', token))),
    invite: (to, { token, ...rest }) =>
      post(
        to,
        `You are invited to the team of ${toLine(rest.business)}`,
        invitation({ ...linked('accept-invitation', token), ...rest }),
      ),
    knownAddress: (to) => post(to, 'You have an account already', known(forgot)),
    passwordChanged: (to) => post(to, 'Your password was changed', changed(forgot)),
  };
}
