import type { Connection } from 'mongoose';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type Hasher, isSameHash } from '../platform/server-secret.ts';
import { isKeyForm, type KeyKind, keyPrefix, makeKey } from './api-key.ts';
import { type ApiKey, createApiKeyModel } from './api-key.model.ts';

export interface NewKey {
  readonly kind: KeyKind;
  readonly name: string;
  /** For publishable keys: who may embed it. */
  readonly hosts: readonly string[];
  /** For secret keys: what it may do. */
  readonly scopes: readonly string[];
}

export interface AuthService {
  /** The key itself is shown here and nowhere else. @throws AppError `invalid-input` for a publishable key without hosts. */
  createKey(accountId: string, key: NewKey): Promise<{ id: string; key: string }>;
  /** @throws AppError `unknown-key`. */
  verifyKey(key: string): Promise<ApiKey>;
}

export function createAuthService(deps: { connection: Connection; newId: NewId; hasher: Hasher }): AuthService {
  const { newId, hasher } = deps;
  const keys = createApiKeyModel(deps.connection);
  return {
    async createKey(accountId, { kind, name, hosts, scopes }) {
      if (kind === 'publishable' && hosts.length === 0) {
        throw new AppError('invalid-input', 'hosts: a publishable key needs at least one host');
      }
      const key = makeKey(kind);
      const id = newId('key');
      await keys.create({
        _id: id,
        accountId,
        kind,
        name,
        prefix: keyPrefix(key),
        hash: hasher.hash('api-key', key),
        hosts: [...hosts],
        scopes: [...scopes],
      });
      return { id, key };
    },

    async verifyKey(key) {
      const known = isKeyForm(key) ? await keys.findOne({ prefix: keyPrefix(key) }).lean() : null;
      if (known === null || !isSameHash(known.hash, hasher.hash('api-key', key))) {
        throw new AppError('unknown-key', 'X-API-Key: this key is not known');
      }
      return known;
    },
  };
}
