import { z } from 'zod';
import { lineField, textField, WebAddress } from '../platform/clean-text.ts';
import { planNames } from './plans.ts';

export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits and dashes');

const Contact = z.strictObject({
  email: z.email().max(254).nullable(),
  phone: lineField(40).nullable(),
  website: WebAddress.nullable(),
});
export type Contact = z.infer<typeof Contact>;

const Persona = z.strictObject({
  tone: lineField(200),
  warmth: z.number().min(0).max(1),
  greeting: lineField(300),
  languages: z
    .array(z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or es-MX'))
    .min(1)
    .max(20),
  extraInstructions: textField(4000),
});
export type Persona = z.infer<typeof Persona>;

const limit = z.int().min(0).max(1_000_000_000).nullable();

/** What a business sets for its chat; null: none but the plan's. */
const Limits = z.strictObject({
  messagesPerMonth: limit,
  messagesPerDay: limit,
  messagesPerVisitorHour: limit,
  tokensPerMonth: limit,
  atLimit: z
    .enum(['refuse', 'notify'])
    .describe('At a limit of yours visitors are told how to reach you, or you are told and the chat goes on'),
});
export type Limits = z.infer<typeof Limits>;

const Status = z.enum(['active', 'suspended']);
export const Billing = z.enum(['active', 'grace', 'read-only']);

const RetentionDays = z.int().min(1).max(3650).describe('How long conversations are kept, in days');

export const AccountView = z
  .strictObject({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    description: z.string(),
    contact: Contact,
    persona: Persona,
    limits: Limits,
    retentionDays: RetentionDays,
    plan: z.string(),
    status: z.enum(['active', 'suspended', 'deleting']),
    billing: Billing,
    context: z
      .strictObject({ version: z.int(), upToDate: z.boolean(), changedAt: z.iso.datetime() })
      .describe('Whether the assistant has what the owner last changed'),
  })
  .meta({ id: 'Account' });

/** What an owner may change; absent fields stay as they are. */
export const AccountPatch = z
  .strictObject({
    name: lineField(120),
    description: textField(4000),
    contact: Contact.partial(),
    persona: Persona.partial(),
    limits: Limits.partial(),
    retentionDays: RetentionDays,
  })
  .partial()
  .meta({ id: 'AccountPatch' });
export type AccountPatch = z.infer<typeof AccountPatch>;

/** What operators decide about a business. */
export const AccountAdministration = z
  .strictObject({ status: Status, plan: z.enum(planNames), billing: Billing, limits: Limits.partial() })
  .partial()
  .meta({ id: 'AccountAdministration' });
export type AccountAdministration = z.infer<typeof AccountAdministration>;

/** A new business, as operators and fixtures give it. */
export const NewAccount = z.strictObject({
  slug: Slug,
  name: lineField(120),
  description: textField(4000).default(''),
  contact: Contact,
  persona: Persona,
});
export type NewAccount = z.infer<typeof NewAccount>;

const Address = z.strictObject({
  street: textField(200),
  city: textField(100),
  region: textField(100),
  postalCode: textField(20),
  country: z.string().regex(/^(?:[A-Z]{2})?$/, 'must be an ISO 3166-1 code such as US; empty while unknown'),
});
export type Address = z.infer<typeof Address>;

const Place = z.strictObject({
  name: lineField(120),
  address: Address,
  geo: z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).nullable(),
  phone: lineField(40).nullable(),
  directions: textField(2000),
});

export const NewLocation = Place.extend({
  geo: Place.shape.geo.default(null),
  phone: Place.shape.phone.default(null),
  directions: Place.shape.directions.default(''),
});
export type NewLocation = z.infer<typeof NewLocation>;

export const LocationView = Place.extend({ id: z.string(), isMain: z.boolean() }).meta({ id: 'Location' });

/** What an owner may change of a place; absent fields stay as they are. */
export const LocationPatch = Place.extend({
  address: Address.partial(),
  isMain: z.literal(true).describe('Makes this place the main one'),
})
  .partial()
  .meta({ id: 'LocationPatch' });
export type LocationPatch = z.infer<typeof LocationPatch>;
