import { z } from 'zod';
import { lineField } from '../platform/clean-text.ts';
import { GivenPassword, NewPassword } from './password-rules.ts';
import { ROLES } from './scopes.ts';

/** One person, one spelling: nearly no server tells `Ann@…` from `ann@…`. */
export const Email = z
  .string()
  .overwrite((text) => text.trim().toLowerCase())
  .max(254)
  .pipe(z.email());

const MailToken = z.string().min(1).max(200);
const PersonName = lineField(120);

/** Names only: an offset knows nothing of daylight saving time. */
const TimeZone = z
  .string()
  .max(64)
  .refine((name) => {
    try {
      return /^[A-Za-z]/.test(name) && Boolean(new Temporal.ZonedDateTime(0n, name));
    } catch {
      return false;
    }
  }, 'must be an IANA time zone such as America/Los_Angeles');

export const SignUpInput = z
  .strictObject({
    email: Email,
    password: NewPassword,
    name: PersonName,
    business: z.strictObject({ name: lineField(120), timezone: TimeZone.default('UTC') }),
  })
  .meta({ id: 'SignUp' });
export type SignUpInput = z.output<typeof SignUpInput>;

export const LoginInput = z.strictObject({ email: Email, password: GivenPassword });
export const LogoutInput = z.strictObject({ everywhere: z.boolean().default(false) });
export const TokenInput = z.strictObject({ token: MailToken });
export const ForgotInput = z.strictObject({ email: Email });
export const ResetInput = z.strictObject({ token: MailToken, password: NewPassword });
export const ChangePasswordInput = z.strictObject({ currentPassword: GivenPassword, newPassword: NewPassword });
export const AcceptInput = z.strictObject({
  token: MailToken,
  name: PersonName.optional(),
  password: NewPassword.optional(),
});
export const InvitationInput = z.strictObject({ email: Email, role: z.enum(ROLES) }).meta({ id: 'NewInvitation' });
export const RoleInput = z.strictObject({ role: z.enum(ROLES) });

export const UserView = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    emailVerified: z.boolean(),
    isOperator: z.boolean(),
  })
  .meta({ id: 'User' });

export const BusinessView = z
  .strictObject({ id: z.string(), slug: z.string(), name: z.string(), role: z.enum(ROLES) })
  .meta({ id: 'Business' });

export const SessionView = z
  .strictObject({
    id: z.string(),
    isThis: z.boolean().describe('The one that asks'),
    device: z.string(),
    address: z.string(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Session' });

export const MemberView = z
  .strictObject({
    userId: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    since: z.iso.datetime(),
  })
  .meta({ id: 'Member' });

export const InvitationView = z
  .strictObject({ id: z.string(), email: z.string(), role: z.enum(ROLES), expiresAt: z.iso.datetime() })
  .meta({ id: 'Invitation' });
