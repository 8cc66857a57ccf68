import { type Connection, Schema } from 'mongoose';
import { type Clock, shiftDate } from './clock.ts';
import type { NewId } from './ids.ts';
import type { Logger } from './logger.ts';
import type { RouteHooks } from './route.ts';
import { tenantGuard } from './tenant-guard.ts';

/** Who changed what, when and from where. Never what it was changed to. */
export interface AuditEntry {
  /** Sorts by time. */
  _id: string;
  /** Null for what belongs to no business, such as a person's own password. */
  accountId: string | null;
  at: Date;
  /** A key, a user, or `cli`. */
  actorId: string;
  actorKind: 'key' | 'user' | 'cli' | 'operator';
  /** Such as `PATCH /v1/locations/:id` or `accounts suspend`. */
  action: string;
  target: Record<string, string>;
  /** Names of the fields that were sent. */
  fields: string[];
  /** IP address; null for the command line. */
  address: string | null;
  requestId: string | null;
}

export type Change = Omit<AuditEntry, '_id' | 'at'>;

export interface AuditLog {
  /** Never throws: an entry that can't be stored is logged whole, and what it tells of was done all the same. */
  record(change: Change): Promise<void>;
  /** Newest first, those before the entry `before`. */
  list(accountId: string, page: { limit: number; before?: string | undefined }): Promise<AuditEntry[]>;
}

const KEPT_S = 90 * 24 * 60 * 60;
const FIELDS_MAX = 50;

const auditSchema = new Schema<AuditEntry>(
  {
    _id: { type: String, required: true },
    accountId: { type: String, default: null },
    at: { type: Date, required: true },
    actorId: { type: String, required: true },
    actorKind: { type: String, enum: ['key', 'user', 'cli', 'operator'], required: true },
    action: { type: String, required: true },
    target: { type: Schema.Types.Mixed, required: true },
    fields: { type: [String], required: true },
    address: { type: String, default: null },
    requestId: { type: String, default: null },
  },
  { strict: 'throw', strictQuery: 'throw', minimize: false },
);
auditSchema.index({ accountId: 1, _id: -1 }); // GET /v1/account/audit: ids sort by time
auditSchema.index({ at: 1 }, { expireAfterSeconds: KEPT_S });
auditSchema.plugin(tenantGuard);

export function createAuditModel(connection: Connection) {
  return connection.model<AuditEntry>('audit', auditSchema, 'auditLog');
}

export function createAuditLog(deps: { connection: Connection; clock: Clock; newId: NewId; log: Logger }): AuditLog {
  const { clock, log } = deps;
  const entries = createAuditModel(deps.connection);
  return {
    async record(change) {
      const entry: AuditEntry = { _id: deps.newId('aud'), at: clock.now(), ...change };
      try {
        await entries.create(entry);
      } catch (error) {
        log.error({ event: 'audit.unrecorded', entry, err: error }, 'change not recorded');
      }
    },

    async list(accountId, { limit, before }) {
      const place = before === undefined ? {} : { _id: { $lt: before } };
      return entries
        .find({ accountId, at: { $gt: shiftDate(clock.now(), -KEPT_S * 1000) }, ...place })
        .sort({ _id: -1 })
        .limit(limit)
        .lean<AuditEntry[]>();
    },
  };
}

/** Records each change that came through the API once it is done. */
export function createRecordChange(auditLog: AuditLog): RouteHooks['recordChange'] {
  return async (caller, { method, path, access }, req) => {
    // What a business calls its visitors may be a name, and outlives them here.
    const { visitor: _, ...target } = req.params as Record<string, string>;
    const isOperator = access.by === 'operator';
    const body: unknown = req.body;
    await auditLog.record({
      accountId: 'accountId' in caller ? caller.accountId : operatedAccount(path, target),
      actorId: caller.actorId,
      actorKind: isOperator ? 'operator' : 'userId' in caller ? 'user' : 'key',
      action: `${method.toUpperCase()} ${path}`,
      target,
      fields: typeof body === 'object' && body !== null ? Object.keys(body).slice(0, FIELDS_MAX) : [],
      address: req.ip ?? null,
      requestId: req.id,
    });
  };
}

/** A business sees what operators did to it. */
function operatedAccount(path: string, target: Record<string, string>): string | null {
  return path.startsWith('/v1/admin/accounts/:id') ? (target['id'] ?? null) : null;
}
