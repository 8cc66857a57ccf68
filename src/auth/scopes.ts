/** What a program or a member may do. Each route names the one that it needs. */
export const KEY_SCOPES = [
  'account:read',
  'account:write',
  'hours:read',
  'hours:write',
  'products:read',
  'products:write',
  'context:read',
  'context:write',
  'assistant:read',
  'assistant:write',
  'conversations:read',
  'conversations:write',
  'usage:read',
  'chat',
] as const;

/** What only people may do, never a program with a key: whoever steals a key must not make more of them, or end the business. */
const PEOPLE_SCOPES = [
  'audit:read',
  'keys:read',
  'keys:write',
  'team:read',
  'team:write',
  'account:export',
  'account:delete',
] as const;

export type KeyScope = (typeof KEY_SCOPES)[number];
export type Scope = KeyScope | (typeof PEOPLE_SCOPES)[number];

export const ROLES = ['owner', 'manager', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const ALL: readonly Scope[] = [...KEY_SCOPES, ...PEOPLE_SCOPES];
const OWNERS_ONLY: ReadonlySet<Scope> = new Set(['team:write', 'account:export', 'account:delete', 'audit:read']);

const scopesOf: Readonly<Record<Role, ReadonlySet<string>>> = {
  owner: new Set(ALL),
  manager: new Set(ALL.filter((scope) => !OWNERS_ONLY.has(scope))),
  viewer: new Set(ALL.filter((scope) => scope.endsWith(':read') && !OWNERS_ONLY.has(scope))),
};

/** Whether a member of that role may do it. */
export function mayRole(role: Role, scope: string): boolean {
  return scopesOf[role].has(scope);
}
