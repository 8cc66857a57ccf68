import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import { type Account, createAccountModel } from './account.model.ts';
import type { AccountAdministration, AccountPatch, NewAccount, NewLocation } from './account.schema.ts';
import { createChanges, type Changes } from './changes.ts';
import { createLocationModel } from './location.model.ts';
import { createLocations, type Locations } from './location.service.ts';
import { createStandings, type Standings } from './standing.ts';
import { createUsageCounters, type UsageCounters } from './usage.ts';
import type { OpeningHours } from './opening-hours.schema.ts';
import { flattenInto, revisionFilter, staleError } from './revision.ts';

export interface AccountService extends Changes, Locations, Pick<Standings, 'getStanding'> {
  readonly usage: UsageCounters;
  /** Gives accounts of earlier versions what has come since. */
  upgrade(): Promise<void>;
  create(account: NewAccount, location: NewLocation, hours: OpeningHours): Promise<Account>;
  /** @throws AppError `not-found`. */
  get(accountId: string): Promise<Account>;
  findBySlug(slug: string): Promise<Account | undefined>;
  /** Businesses after that id, in the order they were made; those whose slug or name begins with `prefix`. */
  list(page: { after?: string | undefined; limit: number; prefix?: string | undefined }): Promise<Account[]>;
  /** @throws AppError `stale` when `ifMatch` is no longer the revision. */
  update(accountId: string, patch: AccountPatch, ifMatch?: number): Promise<Account>;
  /** What operators decide. @throws AppError `not-found`, also for one that is being deleted. */
  administer(accountId: string, change: AccountAdministration): Promise<Account>;
  /** From now on nothing works for it; harmless when it is done twice. */
  closeForErasure(accountId: string): Promise<void>;
}

/** The business itself: who it is, where, when it is open, how its assistant speaks, and what of it has changed. */
export function createAccountService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  log: Logger;
  syncDebounceMs: number;
}): AccountService {
  const { connection, clock, newId } = deps;
  const accounts = createAccountModel(connection);
  const locations = createLocationModel(connection);
  const changes = createChanges(accounts, clock, deps.syncDebounceMs);
  const places = createLocations({
    ...deps,
    recordChange: changes.recordChange,
    forgetStanding: (accountId) => standings.forgetStanding(accountId),
  });

  const standings = createStandings(clock, async (accountId) => {
    const [account, { hours }] = await Promise.all([get(accountId), places.getMainLocation(accountId)]);
    return { ...account, timezone: hours.timezone };
  });

  async function get(accountId: string): Promise<Account> {
    const account = await accounts.findById(accountId).lean<Account>();
    if (account === null) throw new AppError('not-found', 'There is no such account');
    return account;
  }

  return {
    ...changes,
    ...places,
    getStanding: standings.getStanding,
    usage: createUsageCounters({ ...deps, getStanding: standings.getStanding }),
    get,

    async create(account, location, hours) {
      const accountId = newId('acc');
      const now = clock.now();
      const document = {
        ...account,
        _id: accountId,
        rev: 1,
        changeSeq: 1,
        changedAt: now,
        syncedSeq: 0,
        syncToken: 0,
        contextVersion: 0,
      };
      try {
        // The location comes first: an account is whole from the moment it can be found.
        await locations.create({
          ...location,
          geo: location.geo ?? { lat: null, lon: null },
          _id: newId('loc'),
          accountId,
          isMain: true,
          hours,
          rev: 1,
        });
        const created = await accounts.create({ ...document, syncDueAt: shiftDate(now, deps.syncDebounceMs) });
        return created.toObject() as Account;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        await locations.deleteMany({ accountId });
        throw new AppError('conflict', `slug: ${account.slug} is taken`, { cause: error });
      }
    },

    async upgrade() {
      const { status, plan, billing, limits, retentionDays } = new accounts().toObject();
      await accounts.updateMany(
        { status: { $exists: false } },
        { $set: { status, plan, billing, limits, retentionDays } },
        { timestamps: false },
      );
    },

    async findBySlug(slug) {
      return (await accounts.findOne({ slug }).lean<Account>()) ?? undefined;
    },

    async list({ after, limit, prefix }) {
      const beginning = prefix === undefined ? undefined : { $gte: prefix, $lt: `${prefix}\u{10ffff}` };
      return accounts
        .find({
          ...(after === undefined ? {} : { _id: { $gt: after } }),
          ...(beginning === undefined ? {} : { $or: [{ slug: beginning }, { name: beginning }] }),
        })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<Account[]>();
    },

    async update(accountId, patch, ifMatch) {
      await get(accountId);
      const updated = await changes.recordChange(accountId, () =>
        accounts
          .findOneAndUpdate(
            { _id: accountId, ...revisionFilter(ifMatch) },
            { $set: flatten(patch), $inc: { rev: 1 } },
            { returnDocument: 'after' },
          )
          .lean<Account>(),
      );
      standings.forgetStanding(accountId);
      if (updated === null) throw staleError();
      return updated;
    },

    async administer(accountId, { limits, ...fields }) {
      const updated = await accounts
        .findOneAndUpdate(
          { _id: accountId, status: { $ne: 'deleting' } },
          { $set: { ...fields, ...flattenInto('limits', limits) }, $inc: { rev: 1 } },
          { returnDocument: 'after' },
        )
        .lean<Account>();
      standings.forgetStanding(accountId);
      if (updated === null) throw new AppError('not-found', 'There is no such account');
      return updated;
    },

    async closeForErasure(accountId) {
      await accounts.updateOne({ _id: accountId }, { $set: { status: 'deleting' } });
      standings.forgetStanding(accountId);
    },
  };
}

/** `{ persona: { tone } }` as `{ 'persona.tone': tone }`, so that what a patch doesn't name stays. */
function flatten(patch: AccountPatch): Record<string, unknown> {
  const { contact, persona, limits, ...rest } = patch;
  return {
    ...rest,
    ...flattenInto('contact', contact),
    ...flattenInto('persona', persona),
    ...flattenInto('limits', limits),
  };
}
