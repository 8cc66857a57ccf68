import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type Account, createAccountModel } from './account.model.ts';
import type { AccountPatch, LocationPatch, NewAccount, NewLocation } from './account.schema.ts';
import { createChanges, type Changes } from './changes.ts';
import { createLocationModel, type Location } from './location.model.ts';
import type { OpeningHours } from './opening-hours.schema.ts';

export interface AccountService extends Changes {
  create(account: NewAccount, location: NewLocation, hours: OpeningHours): Promise<Account>;
  /** @throws AppError `not-found`. */
  get(accountId: string): Promise<Account>;
  findBySlug(slug: string): Promise<Account | undefined>;
  /** Businesses after that id, in the order they were made. */
  list(page: { after?: string | undefined; limit: number }): Promise<Account[]>;
  /** @throws AppError `stale` when `ifMatch` is no longer the revision. */
  update(accountId: string, patch: AccountPatch, ifMatch?: number): Promise<Account>;
  /** All places, the main one first. */
  listLocations(accountId: string): Promise<Location[]>;
  /** @throws AppError `not-found`. */
  getMainLocation(accountId: string): Promise<Location>;
  /** @throws AppError `not-found`, `stale`. */
  updateLocation(accountId: string, locationId: string, patch: LocationPatch, ifMatch?: number): Promise<Location>;
  /** Replaces the main location's hours. @throws AppError `stale`. */
  putHours(accountId: string, hours: OpeningHours, ifMatch?: number): Promise<Location>;
}

/** The business itself: who it is, where, when it is open, how its assistant speaks, and what of it has changed. */
export function createAccountService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  syncDebounceMs: number;
}): AccountService {
  const { connection, clock, newId } = deps;
  const accounts = createAccountModel(connection);
  const locations = createLocationModel(connection);
  const changes = createChanges(accounts, clock, deps.syncDebounceMs);

  async function get(accountId: string): Promise<Account> {
    const account = await accounts.findById(accountId).lean<Account>();
    if (account === null) throw new AppError('not-found', 'There is no such account');
    return account;
  }

  async function getMainLocation(accountId: string): Promise<Location> {
    const location = await locations.findOne({ accountId, isMain: true }).lean<Location>();
    if (location === null) throw new AppError('not-found', 'This account has no location');
    return location;
  }

  return {
    ...changes,
    get,
    getMainLocation,

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

    async findBySlug(slug) {
      return (await accounts.findOne({ slug }).lean<Account>()) ?? undefined;
    },

    async list({ after, limit }) {
      return accounts
        .find(after === undefined ? {} : { _id: { $gt: after } })
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
      if (updated === null) throw staleError();
      return updated;
    },

    async listLocations(accountId) {
      return locations.find({ accountId }).sort({ isMain: -1, _id: 1 }).lean<Location[]>();
    },

    async updateLocation(accountId, locationId, { address, ...rest }, ifMatch) {
      const place = { accountId, _id: locationId };
      const known = await locations.exists(place);
      if (known === null) throw new AppError('not-found', 'There is no such location');
      const set: Record<string, unknown> = { ...rest, ...flattenInto('address', address) };
      if (rest.geo === null) set['geo'] = { lat: null, lon: null };
      const updated = await changes.recordChange(accountId, () =>
        locations
          .findOneAndUpdate(
            { ...place, ...revisionFilter(ifMatch) },
            { $set: set, $inc: { rev: 1 } },
            { returnDocument: 'after' },
          )
          .lean<Location>(),
      );
      if (updated === null) throw staleError();
      return updated;
    },

    async putHours(accountId, hours, ifMatch) {
      await getMainLocation(accountId);
      const updated = await changes.recordChange(accountId, () =>
        locations
          .findOneAndUpdate(
            { accountId, isMain: true, ...revisionFilter(ifMatch) },
            { $set: { hours }, $inc: { rev: 1 } },
            { returnDocument: 'after' },
          )
          .lean<Location>(),
      );
      if (updated === null) throw staleError();
      return updated;
    },
  };
}

function revisionFilter(ifMatch: number | undefined): { rev?: number } {
  return ifMatch === undefined ? {} : { rev: ifMatch };
}

function staleError(): AppError {
  return new AppError('stale', 'If-Match: this is not the newest revision; read it again before you change it');
}

/** `{ persona: { tone } }` as `{ 'persona.tone': tone }`, so that what a patch doesn't name stays. */
function flatten(patch: AccountPatch): Record<string, unknown> {
  const { contact, persona, ...rest } = patch;
  return { ...rest, ...flattenInto('contact', contact), ...flattenInto('persona', persona) };
}

function flattenInto(name: string, fields: object | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields ?? {}).map(([key, value]) => [`${name}.${key}`, value]));
}
