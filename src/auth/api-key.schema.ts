import { z } from 'zod';
import { lineField } from '../platform/clean-text.ts';
import type { ApiKey } from './api-key.model.ts';
import { HostPattern } from './host-pattern.ts';
import { KEY_SCOPES } from './scopes.ts';

const hosts = z
  .array(HostPattern)
  .max(50)
  .transform((given) => [...new Set(given)])
  .describe('of a publishable key: `bakery.example`, `*.bakery.example`, `localhost:3000`');
const scopes = z
  .array(z.enum(KEY_SCOPES))
  .max(KEY_SCOPES.length)
  .transform((given) => [...new Set(given)])
  .describe('of a secret key: what it may do');
const expiresAt = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .nullable();

export const NewKeyInput = z
  .strictObject({
    kind: z.enum(['publishable', 'secret']),
    name: lineField(100),
    hosts: hosts.default([]),
    scopes: scopes.default([]),
    expiresAt: expiresAt.default(null),
  })
  .meta({ id: 'NewKey' });

/** What is absent stays as it is. */
export const KeyPatch = z
  .strictObject({ name: lineField(100), hosts, scopes, expiresAt })
  .partial()
  .meta({ id: 'KeyPatch' });
export type KeyPatch = z.output<typeof KeyPatch>;

export const KeyView = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['publishable', 'secret']),
    name: z.string(),
    prefix: z.string().describe('how the key begins'),
    hosts: z.array(z.string()),
    scopes: z.array(z.string()),
    expiresAt: z.iso.datetime().nullable(),
    rotated: z
      .strictObject({ prefix: z.string(), validUntil: z.iso.datetime() })
      .nullable()
      .describe('the secret before, while it is good too'),
    createdBy: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable().describe('to the minute'),
    rev: z.int(),
  })
  .meta({ id: 'Key' });
export type KeyView = z.infer<typeof KeyView>;

export const ShownKey = z
  .strictObject({ ...KeyView.shape, key: z.string().describe('the secret; it is shown here and nowhere else') })
  .meta({ id: 'ShownKey' });

export const RotateInput = z
  .strictObject({
    overlapHours: z.number().min(0).max(168).default(24).describe('how long the secret before is good, too'),
  })
  .meta({ id: 'RotateKey' });

export const RefusedHostView = z
  .strictObject({ host: z.string(), count: z.int(), lastAt: z.iso.datetime() })
  .meta({ id: 'RefusedHost' });

export const AllowHostInput = z
  .strictObject({
    host: HostPattern.refine((pattern) => !pattern.startsWith('*.'), 'must be one host; allow subdomains by PATCH'),
  })
  .meta({ id: 'AllowHost' });

/** What is told of a key: never its secret. */
export function viewOf(key: ApiKey, now: Date): KeyView {
  const [current, before] = key.secrets;
  const validUntil = before?.validUntil ?? now;
  return {
    id: key._id,
    kind: key.kind,
    name: key.name,
    prefix: current?.prefix ?? '',
    hosts: key.hosts,
    scopes: key.scopes,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    rotated: before && validUntil > now ? { prefix: before.prefix, validUntil: validUntil.toISOString() } : null,
    createdBy: key.createdBy ?? null,
    createdAt: key.createdAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    rev: key.rev,
  };
}
