import { type Connection, Schema } from 'mongoose';

/** What rate-limiter-flexible keeps: a count by key, until its minute is over. */
const rateLimitSchema = new Schema(
  {
    key: { type: String, required: true },
    points: { type: Number, required: true },
    expire: { type: Date, default: null },
  },
  { strict: 'throw' },
);
rateLimitSchema.index({ key: 1 }, { unique: true }); // every request of a known caller
rateLimitSchema.index({ expire: -1 }, { expireAfterSeconds: 0 });

export const RATE_LIMITS = 'rateLimits';

/** Made for its indexes: the library writes by the driver. */
export function createRateLimitModel(connection: Connection) {
  return connection.model('rateLimit', rateLimitSchema, RATE_LIMITS);
}
