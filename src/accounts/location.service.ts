import type { Connection } from 'mongoose';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { LocationPatch, NewLocation } from './account.schema.ts';
import type { Changes } from './changes.ts';
import { createLocationModel, type Location } from './location.model.ts';
import type { OpeningHours } from './opening-hours.schema.ts';
import { flattenInto, revisionFilter, staleError } from './revision.ts';

export interface Locations {
  /** All places, the main one first. */
  listLocations(accountId: string): Promise<Location[]>;
  /** @throws AppError `not-found`. */
  getMainLocation(accountId: string): Promise<Location>;
  /** @throws AppError `not-found`. */
  getLocation(accountId: string, locationId: string): Promise<Location>;
  /** One more place; without hours nothing is said of when it is open. @throws AppError `conflict` at the cap. */
  addLocation(accountId: string, location: NewLocation, hours: OpeningHours | undefined): Promise<Location>;
  /** `isMain` makes it the main one. @throws AppError `not-found`, `stale`. */
  updateLocation(accountId: string, locationId: string, patch: LocationPatch, ifMatch?: number): Promise<Location>;
  /** @throws AppError `not-found`, `conflict` for the main one. */
  removeLocation(accountId: string, locationId: string): Promise<void>;
  /** Replaces a place's hours, those of the main one by default. @throws AppError `not-found`, `stale`. */
  putHours(accountId: string, hours: OpeningHours, ifMatch?: number, locationId?: string): Promise<Location>;
}

const LOCATIONS_MAX = 50;

/** The places of a business. The main one is the first of `MAIN_FIRST`, so that there is one however two changes of it meet. */
export function createLocations(deps: {
  connection: Connection;
  newId: NewId;
  recordChange: Changes['recordChange'];
  forgetStanding(accountId: string): void;
}): Locations {
  const locations = createLocationModel(deps.connection);

  async function getMainLocation(accountId: string): Promise<Location> {
    const location = await locations.findOne({ accountId }).sort(MAIN_FIRST).lean<Location>();
    if (location === null) throw new AppError('not-found', 'This account has no location');
    return location;
  }

  async function getLocation(accountId: string, locationId: string): Promise<Location> {
    const location = await locations.findOne({ accountId, _id: locationId }).lean<Location>();
    if (location === null) throw new AppError('not-found', 'There is no such location');
    return location;
  }

  async function change<Result>(accountId: string, write: () => Promise<Result>): Promise<Result> {
    try {
      return await deps.recordChange(accountId, write);
    } finally {
      deps.forgetStanding(accountId); // it knows the main one's time zone
    }
  }

  async function set(accountId: string, _id: string, fields: object, ifMatch: number | undefined): Promise<Location> {
    const updated = await locations
      .findOneAndUpdate(
        { accountId, _id, ...revisionFilter(ifMatch) },
        { $set: fields, $inc: { rev: 1 } },
        { returnDocument: 'after' },
      )
      .lean<Location>();
    if (updated === null) throw staleError();
    return updated;
  }

  return {
    getMainLocation,
    getLocation,

    async listLocations(accountId) {
      const all = await locations.find({ accountId }).sort(MAIN_FIRST).lean<Location[]>();
      return all.map((location, place) => ({ ...location, isMain: place === 0 }));
    },

    async addLocation(accountId, { geo, ...location }, hours) {
      const main = await getMainLocation(accountId);
      if ((await locations.countDocuments({ accountId })) >= LOCATIONS_MAX) {
        throw new AppError('conflict', `A business has at most ${LOCATIONS_MAX} locations`);
      }
      const added = {
        ...location,
        geo: geo ?? { lat: null, lon: null },
        _id: deps.newId('loc'),
        accountId,
        isMain: false,
        hours: hours ?? { timezone: main.hours.timezone, weekly: {}, exceptions: [] },
        rev: 1,
      };
      const created = await change(accountId, () => locations.create(added));
      return created.toObject() as Location;
    },

    async updateLocation(accountId, locationId, { address, isMain, ...rest }, ifMatch) {
      await getLocation(accountId, locationId);
      const fields: Record<string, unknown> = { ...rest, ...flattenInto('address', address) };
      if (rest.geo === null) fields['geo'] = { lat: null, lon: null };
      if (isMain) fields['isMain'] = true;
      return change(accountId, async () => {
        const updated = await set(accountId, locationId, fields, ifMatch);
        // Second: broken off in between there are two, of which `MAIN_FIRST` knows one, and never none.
        if (isMain) {
          await locations.updateMany(
            { accountId, _id: { $ne: locationId }, isMain: true },
            { $set: { isMain: false }, $inc: { rev: 1 } },
          );
        }
        return updated;
      });
    },

    async removeLocation(accountId, locationId) {
      await getLocation(accountId, locationId);
      const main = await getMainLocation(accountId);
      if (main._id === locationId) {
        throw new AppError('conflict', 'This is the main location; make another one the main one first');
      }
      await change(accountId, () => locations.deleteOne({ accountId, _id: locationId, isMain: false }));
    },

    async putHours(accountId, hours, ifMatch, locationId) {
      const { _id } = await (locationId === undefined
        ? getMainLocation(accountId)
        : getLocation(accountId, locationId));
      return change(accountId, () => set(accountId, _id, { hours }, ifMatch));
    },
  };
}

const MAIN_FIRST = { isMain: -1, _id: 1 } as const;
