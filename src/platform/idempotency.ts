import { createHash } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import { type Clock, shiftDate } from './clock.ts';
import { isDuplicateKey } from './database.ts';
import { AppError } from './errors.ts';
import type { Answer, RunOnce } from './route.ts';
import { tenantGuard } from './tenant-guard.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;
const PENDING_MS = 60_000;

const idempotencySchema = new Schema(
  {
    accountId: { type: String, required: true },
    key: { type: String, required: true },
    requestHash: { type: String, required: true },
    answer: { type: Schema.Types.Mixed, default: null },
    pendingUntil: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { strict: 'throw' },
);
idempotencySchema.index({ accountId: 1, key: 1 }, { unique: true }); // a repeated POST
idempotencySchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
idempotencySchema.plugin(tenantGuard);

export function createIdempotencyModel(connection: Connection) {
  return connection.model('idempotency', idempotencySchema, 'idempotency');
}

/**
 * The same key and body within 24 h answers the same response; with another body it is a 409. A failed request leaves
 * nothing behind, so that it can be sent again; one whose process died may be taken over after a minute.
 */
export function createRunOnce(connection: Connection, clock: Clock): RunOnce {
  const model = createIdempotencyModel(connection);
  return async ({ accountId, actorId }, req, run) => {
    const given = req.get('Idempotency-Key');
    if (given === undefined) return run();
    if (given.length === 0 || given.length > 200) {
      throw new AppError('invalid-input', 'Idempotency-Key: must have 1 to 200 characters');
    }
    // Each caller has keys of its own: nobody is answered with what another was, nor can take another's key.
    const key = createHash('sha256')
      .update(JSON.stringify([actorId, req.get('X-Thread-Token') ?? '', given]))
      .digest('hex');
    const requestHash = createHash('sha256')
      .update(`${req.method} ${req.originalUrl}\n${JSON.stringify(req.body ?? null)}`)
      .digest('hex');
    const now = clock.now();
    const claim = {
      requestHash,
      pendingUntil: shiftDate(now, PENDING_MS),
      expiresAt: shiftDate(now, KEPT_MS),
      answer: null,
    };
    try {
      // Matches what expired (the TTL is late) and what a dead process left; anything else collides on the insert.
      await model.updateOne(
        {
          accountId,
          key,
          $or: [{ expiresAt: { $lte: now } }, { requestHash, answer: null, pendingUntil: { $lte: now } }],
        },
        { $set: claim },
        { upsert: true },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return earlierAnswer(await model.findOne({ accountId, key }).lean(), requestHash);
    }
    let answer: Answer;
    try {
      answer = await run();
    } catch (error) {
      await model.deleteOne({ accountId, key, requestHash, answer: null });
      throw error;
    }
    // If this fails the request was done all the same: its claim stays, so that a repetition doesn't do it twice at once.
    await model.updateOne({ accountId, key, requestHash }, { $set: { answer } });
    return answer;
  };
}

function earlierAnswer(record: { requestHash: string; answer?: unknown } | null, requestHash: string): Answer {
  if (record === null)
    throw new AppError('unavailable', 'Idempotency-Key: the first request has just failed; send it again', {
      retryAfterS: 1,
    });
  if (record.requestHash !== requestHash) {
    throw new AppError('idempotency-conflict', 'Idempotency-Key: it was used with another request or body');
  }
  if (record.answer === null) {
    throw new AppError('unavailable', 'Idempotency-Key: the first request is still being worked on', {
      retryAfterS: 1,
    });
  }
  return record.answer as Answer;
}
