import type { Connection } from 'mongoose';
import type { Clock } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { type Consumption, costOf } from './prices.ts';
import { sayContact, type Standing } from './standing.ts';
import { createUsageModel, OPEN_MAX, type Usage, type UsageCounts } from './usage.model.ts';
import { counterOf, limitsOf, type UsageLimit, usedOf } from './usage-limits.ts';

/** Where a turn is counted: the month and day of the business's own calendar in which it was accepted. */
export interface UsagePlace {
  readonly accountId: string;
  readonly turnId: string;
  /** `2026-11-24` */
  readonly date: string;
}

/**
 * The counters against which each turn is checked before it runs, and in which it is settled after it, see docs/sync.md. Each change
 * is one conditional update; the turn's entry in `open` makes settling twice the same as once.
 */
export interface UsageCounters {
  /** The place in which a turn that is accepted now is counted. */
  placeOf(standing: Standing, turnId: string): UsagePlace;
  /** Counts the turn. @throws AppError `limit-reached` with a visitor's words; `too-many-requests` when too many run at once. */
  reserve(standing: Standing, place: UsagePlace): Promise<void>;
  /** Takes back a turn that gave no answer. */
  release(place: UsagePlace): Promise<void>;
  /** Adds what a counted turn used; `isAnswered` false takes the message back. Notes limits that are nearly or wholly used. */
  settle(place: UsagePlace, used: { model: string; consumption: Consumption; isAnswered: boolean }): Promise<void>;
  /** Turns of all businesses that have been counted since before `until` and are not settled. */
  listOpen(until: Date, limit: number): Promise<UsagePlace[]>;
  get(accountId: string, month: string): Promise<Usage | undefined>;
}

const ALERT_PERCENTS = [80, 100] as const;

export function createUsageCounters(deps: {
  connection: Connection;
  clock: Clock;
  log: Logger;
  getStanding(accountId: string): Promise<Standing>;
}): UsageCounters {
  const { clock, log } = deps;
  const usages = createUsageModel(deps.connection);

  async function count(standing: Standing, place: UsagePlace, refusing: readonly UsageLimit[]): Promise<boolean> {
    const { month, day } = split(place.date);
    // Of a month or day that has no counter yet nothing is used: `$not` holds there as well.
    const below = refusing.map(({ name, limit }) => ({ [counterOf(name, day)]: { $not: { $gte: limit } } }));
    const filter = {
      accountId: standing._id,
      month,
      $and: [{ [`open.${OPEN_MAX - 1}`]: { $exists: false } }, ...below],
    };
    const update = {
      $inc: { messages: 1, [`days.${day}.messages`]: 1 },
      $push: { open: { turn: place.turnId, day, at: clock.now() } },
    };
    try {
      const counted = await usages.updateOne(filter, update, { upsert: true });
      return counted.matchedCount + counted.upsertedCount === 1;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // The month is there: somebody has just made it, or it is at a limit.
      return (await usages.updateOne(filter, update)).matchedCount === 1;
    }
  }

  async function refusal(standing: Standing, place: UsagePlace, refusing: readonly UsageLimit[]): Promise<AppError> {
    const { month, day } = split(place.date);
    const usage = await usages.findOne({ accountId: standing._id, month }).lean<Usage>();
    const reached = refusing.find(({ name, limit }) => (usage ? usedOf(usage, name, day) : 0) >= limit);
    if (reached === undefined) {
      return new AppError('too-many-requests', `${standing.name} is asked too much at once; try again in a moment`, {
        retryAfterS: 2,
      });
    }
    const isDaily = reached.name === 'messagesPerDay';
    const until = isDaily ? 'today' : 'this month';
    return new AppError(
      'limit-reached',
      `The assistant of ${standing.name} can't answer any more ${until}. ${sayContact(standing)}`,
      { retryAfterS: secondsUntilReset(standing.timezone, clock.now(), isDaily ? 'day' : 'month') },
    );
  }

  async function noteAlerts(accountId: string, month: string, day: string, usage: Usage): Promise<void> {
    for (const { name, limit, setBy } of limitsOf(await deps.getStanding(accountId))) {
      for (const percent of ALERT_PERCENTS) {
        const key = `${name}${name === 'messagesPerDay' ? `-${day}` : ''}-${setBy}-${percent}`;
        if (usedOf(usage, name, day) * 100 < limit * percent || usage.alerts?.[key] !== undefined) continue;
        await usages.updateOne(
          { accountId, month, [`alerts.${key}`]: { $exists: false } },
          { $set: { [`alerts.${key}`]: clock.now() } },
        );
        log.warn({ event: 'usage.alert', accountId, limit: name, setBy, percent }, 'a limit is used up or nearly so');
      }
    }
  }

  async function close(place: UsagePlace, add: Partial<UsageCounts>): Promise<Usage | undefined> {
    const { month, day } = split(place.date);
    const counts = Object.entries(add).flatMap(([name, amount]) =>
      amount === 0 ? [] : [[name, amount] as const, [`days.${day}.${name}`, amount] as const],
    );
    const closed = await usages
      .findOneAndUpdate(
        { accountId: place.accountId, month, 'open.turn': place.turnId },
        {
          $pull: { open: { turn: place.turnId } },
          ...(counts.length > 0 ? { $inc: Object.fromEntries(counts) } : {}),
        },
        { returnDocument: 'after' },
      )
      .lean<Usage>();
    return closed ?? undefined;
  }

  return {
    placeOf: ({ _id, timezone }, turnId) => ({ accountId: _id, turnId, date: localDate(timezone, clock.now()) }),

    async reserve(standing, place) {
      const refusing = limitsOf(standing).filter(({ refuses }) => refuses);
      // A limit of nothing at all must not be passed by the month's first turn, which finds no counter.
      const isOpen = refusing.every(({ limit }) => limit > 0);
      if (isOpen && (await count(standing, place, refusing))) return;
      throw await refusal(standing, place, refusing);
    },

    async release(place) {
      await close(place, { messages: -1 });
    },

    async settle(place, { model, consumption, isAnswered }) {
      const tokens = consumption.inputTokens + consumption.outputTokens;
      const cost = costOf(model, consumption);
      const usage = await close(place, {
        messages: isAnswered ? 0 : -1,
        tokens,
        costMicroUsd: cost ?? 0,
        unpricedTokens: cost === undefined ? tokens : 0,
      });
      if (usage === undefined) return;
      const { month, day } = split(place.date);
      try {
        await noteAlerts(place.accountId, month, day, usage);
      } catch (error) {
        // The next turn's settlement notes it.
        log.warn({ event: 'usage.alert-failed', accountId: place.accountId, err: error }, 'alert not noted');
      }
    },

    async listOpen(until, limit) {
      const found = await usages
        .find({ 'open.0.at': { $lte: until } })
        .setOptions({ acrossAccounts: true })
        .sort({ 'open.0.at': 1 })
        .limit(limit)
        .select({ accountId: 1, month: 1, open: 1 })
        .lean<Pick<Usage, 'accountId' | 'month' | 'open'>[]>();
      return found.flatMap(({ accountId, month, open }) =>
        open
          .filter(({ at }) => at <= until)
          .map(({ turn, day }) => ({ accountId, turnId: turn, date: `${month}-${day.padStart(2, '0')}` })),
      );
    },

    async get(accountId, month) {
      return (await usages.findOne({ accountId, month }).lean<Usage>()) ?? undefined;
    },
  };
}

export function localDate(timezone: string, at: Date): string {
  return zoned(timezone, at).toPlainDate().toString();
}

/** When the counters of that period begin anew, in the business's own calendar. */
export function resetOf(timezone: string, at: Date, period: 'day' | 'month'): Date {
  const date = zoned(timezone, at).toPlainDate();
  const next = period === 'day' ? date.add({ days: 1 }) : date.with({ day: 1 }).add({ months: 1 });
  return new Date(next.toZonedDateTime(timezone).epochMilliseconds);
}

function secondsUntilReset(timezone: string, at: Date, period: 'day' | 'month'): number {
  return Math.ceil((resetOf(timezone, at, period).getTime() - at.getTime()) / 1000);
}

function zoned(timezone: string, at: Date): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone);
}

function split(date: string): { month: string; day: string } {
  return { month: date.slice(0, 7), day: String(Number(date.slice(8))) };
}
