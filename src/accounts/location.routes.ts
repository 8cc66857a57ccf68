import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import { LocationPatch, LocationView, NewLocation } from './account.schema.ts';
import type { AccountService } from './account.service.ts';
import type { Location } from './location.model.ts';
import { OpeningHours } from './opening-hours.schema.ts';

const LocationParams = z.strictObject({ id: z.string().max(100) });

const LocationInput = NewLocation.extend({ hours: OpeningHours.optional() }).meta({ id: 'NewLocation' });

/** Where the business is, and when each place is open. */
export function locationRoutes(route: RouteBuilder, accounts: AccountService): void {
  route(
    {
      method: 'get',
      path: '/v1/locations',
      summary: 'The places of this business, the main one first',
      access: { by: 'business', scope: 'account:read' },
      answers: { 200: z.strictObject({ data: z.array(LocationView) }) },
    },
    async ({ accountId }) => ({
      status: 200,
      body: { data: (await accounts.listLocations(accountId)).map(viewOf) },
    }),
  );

  route(
    {
      method: 'post',
      path: '/v1/locations',
      summary: 'Add a place',
      access: { by: 'business', scope: 'account:write' },
      idempotent: true,
      body: LocationInput,
      answers: { 201: LocationView },
    },
    async ({ accountId, body: { hours, ...location } }) => {
      const added = await accounts.addLocation(accountId, location, hours);
      return { status: 201, body: viewOf(added), rev: added.rev };
    },
  );

  route(
    {
      method: 'patch',
      path: '/v1/locations/:id',
      summary: 'Change name, address, phone or directions of a place, or make it the main one',
      access: { by: 'business', scope: 'account:write' },
      params: LocationParams,
      body: LocationPatch,
      answers: { 200: LocationView },
    },
    async ({ accountId, params, body, ifMatch }) => {
      const location = await accounts.updateLocation(accountId, params.id, body, ifMatch);
      return { status: 200, body: viewOf(location), rev: location.rev };
    },
  );

  route(
    {
      method: 'delete',
      path: '/v1/locations/:id',
      summary: 'Remove a place; the main one stays',
      access: { by: 'business', scope: 'account:write' },
      params: LocationParams,
      answers: { 204: null },
    },
    async ({ accountId, params }) => {
      await accounts.removeLocation(accountId, params.id);
      return { status: 204 };
    },
  );

  locationHoursRoutes(route, accounts);
}

function locationHoursRoutes(route: RouteBuilder, accounts: AccountService): void {
  route(
    {
      method: 'get',
      path: '/v1/locations/:id/hours',
      summary: 'Opening hours of a place',
      access: { by: 'business', scope: 'hours:read' },
      params: LocationParams,
      answers: { 200: OpeningHours },
    },
    async ({ accountId, params }) => {
      const { hours, rev } = await accounts.getLocation(accountId, params.id);
      return { status: 200, body: hours, rev };
    },
  );

  route(
    {
      method: 'put',
      path: '/v1/locations/:id/hours',
      summary: 'Replace the opening hours of a place',
      access: { by: 'business', scope: 'hours:write' },
      params: LocationParams,
      body: OpeningHours,
      answers: { 200: OpeningHours },
    },
    async ({ accountId, params, body, ifMatch }) => {
      const { hours, rev } = await accounts.putHours(accountId, body, ifMatch, params.id);
      return { status: 200, body: hours, rev };
    },
  );
}

function viewOf({ _id: id, isMain, name, address, geo, phone, directions }: Location): z.infer<typeof LocationView> {
  const { lat, lon } = geo ?? {};
  return {
    id,
    isMain,
    name,
    address,
    geo: typeof lat === 'number' && typeof lon === 'number' ? { lat, lon } : null,
    phone: phone ?? null,
    directions,
  };
}
