import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import { type Hasher, isSameHash } from '../platform/server-secret.ts';
import { createFreshCache } from '../platform/fresh-cache.ts';
import { createSessionModel, type Session } from './session.model.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const IDLE_MS = 30 * DAY_MS;
const ABSOLUTE_MS = 90 * DAY_MS;
/** Two tabs that refresh at once send the same token; so long the one before is theirs, not a thief's. */
const TWO_TABS_MS = 20_000;
const DEVICE_MAX = 200;
/** A person has at most so many; the oldest one ends. */
const SESSIONS_MAX = 50;

/** Where somebody logs in from. */
export interface Device {
  readonly device: string;
  readonly address: string;
}

export interface StartedSession {
  readonly session: Session;
  readonly refreshToken: string;
}

export interface Sessions {
  start(userId: string, from: Device): Promise<StartedSession>;
  /** The next refresh token. @throws AppError `not-logged-in`; a token that was used before ends the session. */
  refresh(token: string): Promise<StartedSession>;
  /** One that goes on; what is known of it is at most 5 s old. */
  findLive(sessionId: string): Promise<Pick<Session, '_id' | 'userId'> | undefined>;
  /** The session of a refresh token that is or was ours. */
  findByToken(token: string): Promise<Session | undefined>;
  list(userId: string): Promise<Session[]>;
  hasFrom(userId: string, address: string): Promise<boolean>;
  /** Holds here at once, in other processes within 5 s. @returns whether there was one. */
  end(userId: string, sessionId: string): Promise<boolean>;
  /** Ends all of a person, but `except`. @returns how many. */
  endAll(userId: string, except?: string): Promise<number>;
  /** Ends those of everybody. @returns how many. */
  endEverybodys(): Promise<number>;
}

/** Who is logged in where. A session is a family of refresh tokens, of which one is good. */
export function createSessions(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  hasher: Hasher;
  log: Logger;
}): Sessions {
  const { clock, hasher, log } = deps;
  const sessions = createSessionModel(deps.connection);
  const live = createFreshCache(clock, { freshMs: 5000, max: 10_000 }, (sessionId) =>
    sessions.findById(sessionId, { userId: 1, expiresAt: 1 }).lean<Pick<Session, '_id' | 'userId' | 'expiresAt'>>(),
  );

  const macOf = ({ _id, salt }: Session, generation: number) =>
    hasher.hash('refresh-token', `${_id}.${generation}.${salt}`);
  const tokenOf = (session: Session): StartedSession => ({
    session,
    refreshToken: `${session._id}.${session.generation}.${macOf(session, session.generation)}`,
  });

  async function read(token: string): Promise<{ session: Session; generation: number } | undefined> {
    const match = /^(ses_[0-9a-z]{26})\.(\d{1,9})\.([0-9a-f]{64})$/.exec(token);
    const session = match === null ? null : await sessions.findById(match[1]).lean<Session>();
    if (match === null || session === null) return undefined;
    const generation = Number(match[2]);
    return isSameHash(macOf(session, generation), match[3] ?? '') ? { session, generation } : undefined;
  }

  async function remove(ended: readonly string[]): Promise<number> {
    const { deletedCount } = await sessions.deleteMany({ _id: { $in: [...ended] } });
    for (const id of ended) live.forget(id);
    if (ended.length > 0) log.info({ event: 'session.ended', sessionIds: ended }, 'sessions ended');
    return deletedCount;
  }

  /** Undefined if somebody else did meanwhile. */
  async function rotate({ _id, generation, endsAt }: Session): Promise<Session | null> {
    const now = clock.now();
    return sessions
      .findOneAndUpdate(
        { _id, generation },
        {
          $inc: { generation: 1 },
          $set: { rotatedAt: now, lastUsedAt: now, expiresAt: earlier(shiftDate(now, IDLE_MS), endsAt) },
        },
        { returnDocument: 'after' },
      )
      .lean<Session>();
  }

  return {
    async start(userId, { device, address }) {
      const now = clock.now();
      const session: Session = {
        _id: deps.newId('ses'),
        userId,
        generation: 1,
        salt: randomBytes(16).toString('base64url'),
        rotatedAt: now,
        expiresAt: shiftDate(now, IDLE_MS),
        endsAt: shiftDate(now, ABSOLUTE_MS),
        device: device.slice(0, DEVICE_MAX),
        address,
        createdAt: now,
        lastUsedAt: now,
      };
      await sessions.create(session);
      const tooMany = await sessions.find({ userId }, { _id: 1 }).sort({ createdAt: -1 }).skip(SESSIONS_MAX).lean();
      if (tooMany.length > 0) await remove(tooMany.map(({ _id }) => _id));
      log.info({ event: 'session.started', userId, sessionId: session._id }, 'session started');
      return tokenOf(session);
    },

    async refresh(token) {
      const found = await read(token);
      if (found === undefined || found.session.expiresAt <= clock.now()) throw isOver();
      const { session, generation } = found;
      if (generation === session.generation) {
        const rotated = await rotate(session);
        if (rotated !== null) return tokenOf(rotated);
      }
      // Either it was good a moment ago, or it is not ours to explain.
      const current = await sessions.findById(session._id).lean<Session>();
      if (current === null) throw isOver();
      const isSecondTab =
        generation === current.generation - 1 && clock.now().getTime() - current.rotatedAt.getTime() <= TWO_TABS_MS;
      if (isSecondTab) return tokenOf(current);
      await remove([current._id]);
      log.warn(
        {
          event: 'session.reuse',
          userId: current.userId,
          sessionId: current._id,
          generation,
          current: current.generation,
        },
        'a refresh token was used twice: its session is ended',
      );
      throw isOver();
    },

    async findLive(sessionId) {
      const session = await live.get(sessionId);
      return session !== null && session.expiresAt > clock.now() ? session : undefined;
    },

    async findByToken(token) {
      return (await read(token))?.session;
    },

    async list(userId) {
      return sessions
        .find({ userId, expiresAt: { $gt: clock.now() } })
        .sort({ createdAt: -1 })
        .lean<Session[]>();
    },

    async hasFrom(userId, address) {
      return (await sessions.exists({ userId, address, expiresAt: { $gt: clock.now() } })) !== null;
    },

    async end(userId, sessionId) {
      const known = await sessions.exists({ _id: sessionId, userId });
      return known !== null && (await remove([sessionId])) === 1;
    },

    async endAll(userId, except) {
      const all = await sessions.find({ userId }, { _id: 1 }).lean();
      return remove(all.map(({ _id }) => _id).filter((id) => id !== except));
    },

    async endEverybodys() {
      const { deletedCount } = await sessions.deleteMany({});
      live.forgetAll();
      log.warn({ event: 'session.allEnded', deletedCount }, 'all sessions ended');
      return deletedCount;
    },
  };
}

function isOver(): AppError {
  return new AppError('not-logged-in', 'This session is over; log in again');
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
