import { type Connection, Schema } from 'mongoose';
import { type Clock, shiftDate } from './clock.ts';
import { isDuplicateKey } from './database.ts';

const leaseSchema = new Schema(
  {
    _id: { type: String, required: true },
    token: { type: Number, required: true },
    owner: { type: String, required: true },
    until: { type: Date, required: true },
  },
  { strict: 'throw' },
);

export function createLeaseModel(connection: Connection) {
  return connection.model('lease', leaseSchema, 'leases');
}

/** The right to do a named piece of work. `token` only grows: a later holder's is always greater. */
export interface Lease {
  readonly name: string;
  readonly token: number;
}

export interface Leases {
  /** The lease, or undefined while another holds it. */
  take(name: string, durationMs: number): Promise<Lease | undefined>;
  /** Whether it is still ours; if so it is prolonged to `durationMs` from now. */
  renew(lease: Lease, durationMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
}

/** Leases are never deleted, else their tokens would start again. `owner` names this process, for people who look. */
export function createLeases(connection: Connection, clock: Clock, owner: string): Leases {
  const model = createLeaseModel(connection);
  return {
    async take(name, durationMs) {
      const now = clock.now();
      try {
        const taken = await model
          .findOneAndUpdate(
            { _id: name, until: { $lte: now } },
            { $inc: { token: 1 }, $set: { owner, until: shiftDate(now, durationMs) } },
            { upsert: true, returnDocument: 'after' },
          )
          .lean();
        return { name, token: taken.token };
      } catch (error) {
        // The filter missed because it is held; the upsert then met its _id.
        if (isDuplicateKey(error)) return undefined;
        throw error;
      }
    },
    async renew({ name, token }, durationMs) {
      const now = clock.now();
      const renewed = await model.updateOne({ _id: name, token }, { $set: { until: shiftDate(now, durationMs) } });
      return renewed.matchedCount === 1;
    },
    async release({ name, token }) {
      await model.updateOne({ _id: name, token }, { $set: { until: clock.now() } });
    },
  };
}
