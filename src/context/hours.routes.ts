import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import { areHoursKnown, OpeningHours } from '../accounts/opening-hours.schema.ts';
import type { Clock } from '../platform/clock.ts';
import type { RouteBuilder } from '../platform/route.ts';
import { openState } from './opening-hours.ts';

const OpenStateView = z
  .strictObject({
    open: z.boolean().nullable().describe('Null while no hours are written down'),
    until: z.string().nullable(),
    next: z.strictObject({ opensAt: z.string(), reason: z.string().nullable() }).nullable(),
    localTime: z.string(),
    reason: z.string().nullable(),
    said: z.string(),
  })
  .meta({ id: 'OpenState' });

export function hoursRoutes(route: RouteBuilder, accounts: AccountService, clock: Clock): void {
  route(
    {
      method: 'get',
      path: '/v1/hours',
      summary: 'Opening hours of the main location',
      access: { by: 'business', scope: 'hours:read' },
      answers: { 200: OpeningHours },
    },
    async ({ accountId }) => {
      const { hours, rev } = await accounts.getMainLocation(accountId);
      return { status: 200, body: hours, rev };
    },
  );

  route(
    {
      method: 'put',
      path: '/v1/hours',
      summary: 'Replace the opening hours of the main location',
      access: { by: 'business', scope: 'hours:write' },
      body: OpeningHours,
      answers: { 200: OpeningHours },
    },
    async ({ accountId, body, ifMatch }) => {
      const { hours, rev } = await accounts.putHours(accountId, body, ifMatch);
      return { status: 200, body: hours, rev };
    },
  );

  route(
    {
      method: 'get',
      path: '/v1/hours/now',
      summary: 'Whether it is open at a moment, until when, when it opens next and why',
      access: { by: 'business', scope: 'hours:read' },
      query: z.strictObject({ at: z.iso.datetime({ offset: true }).optional() }),
      answers: { 200: OpenStateView },
    },
    async ({ accountId, query }) => {
      const { hours } = await accounts.getMainLocation(accountId);
      const at = query.at === undefined ? clock.now() : new Date(query.at);
      const state = openState(hours, Temporal.Instant.fromEpochMilliseconds(at.getTime()));
      const unknown = { open: null, reason: null, said: 'opening hours are not written down yet' };
      return { status: 200, body: areHoursKnown(hours) ? state : { ...state, ...unknown } };
    },
  );
}
