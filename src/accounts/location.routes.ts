import { z } from 'zod';
import type { RouteBuilder } from '../platform/route.ts';
import { LocationPatch, LocationView } from './account.schema.ts';
import type { AccountService } from './account.service.ts';
import type { Location } from './location.model.ts';

/** Where the business is; hours have routes of their own. */
export function locationRoutes(route: RouteBuilder, accounts: AccountService): void {
  route(
    {
      method: 'get',
      path: '/v1/locations',
      summary: 'The places of this business, the main one first',
      access: { by: 'secret', scope: 'account:read' },
      answers: { 200: z.strictObject({ data: z.array(LocationView) }) },
    },
    async ({ accountId }) => ({
      status: 200,
      body: { data: (await accounts.listLocations(accountId)).map(viewOf) },
    }),
  );

  route(
    {
      method: 'patch',
      path: '/v1/locations/:id',
      summary: 'Change name, address, phone or directions of a place',
      access: { by: 'secret', scope: 'account:write' },
      params: z.object({ id: z.string().max(100) }),
      body: LocationPatch,
      answers: { 200: LocationView },
    },
    async ({ accountId, params, body, ifMatch }) => {
      const location = await accounts.updateLocation(accountId, params.id, body, ifMatch);
      return { status: 200, body: viewOf(location), rev: location.rev };
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
