import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Answer, RouteBuilder } from '../platform/route.ts';
import type { ApiKey } from './api-key.model.ts';
import {
  AllowHostInput,
  viewOf,
  KeyPatch,
  KeyView,
  NewKeyInput,
  RefusedHostView,
  RotateInput,
  ShownKey,
} from './api-key.schema.ts';
import type { ApiKeys, ShownSecret } from './api-keys.ts';

const IdParams = z.object({ id: z.string().max(100) });
const read = { by: 'member', scope: 'keys:read' } as const;
const write = { by: 'member', scope: 'keys:write' } as const;

/** No answer that shows a secret is kept for `Idempotency-Key`. */
export function keysRoutes(route: RouteBuilder, keys: ApiKeys, clock: Clock): void {
  const view = (key: ApiKey) => viewOf(key, clock.now());
  const answerWith = (key: ApiKey) => ({ status: 200, body: view(key), rev: key.rev });
  const showOnce = (status: number, { record, key }: ShownSecret) => ({
    status,
    body: { ...view(record), key },
    rev: record.rev,
  });

  route(
    {
      method: 'get',
      path: '/v1/keys',
      summary: 'The API keys of the business, without their secrets',
      access: read,
      answers: { 200: z.strictObject({ data: z.array(KeyView) }) },
    },
    async ({ accountId }) => ({ status: 200, body: { data: (await keys.list(accountId)).map(view) } }),
  );

  route(
    {
      method: 'post',
      path: '/v1/keys',
      summary: 'A new API key; its secret is shown in this answer alone',
      access: write,
      body: NewKeyInput,
      answers: { 201: ShownKey },
    },
    async ({ accountId, caller, body }) =>
      showOnce(201, await keys.create(accountId, { ...body, createdBy: caller.userId })),
  );

  route(
    {
      method: 'patch',
      path: '/v1/keys/:id',
      summary: 'Change name, hosts, scopes or expiry of a key',
      access: write,
      params: IdParams,
      body: KeyPatch,
      answers: { 200: KeyView },
    },
    async ({ accountId, params, body, ifMatch }) => answerWith(await keys.update(accountId, params.id, body, ifMatch)),
  );

  route(
    {
      method: 'delete',
      path: '/v1/keys/:id',
      summary: 'Revoke a key, everywhere within 5 seconds',
      // Its reading goes on where the business is suspended or has not paid, so ending it must, too.
      access: { ...write, isRight: true },
      params: IdParams,
      answers: { 204: null },
    },
    async ({ accountId, params, ifMatch }) => {
      await keys.remove(accountId, params.id, ifMatch);
      return { status: 204 };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/keys/:id/rotate',
      summary: 'A new secret for a key; the one before is good for a while',
      access: write,
      params: IdParams,
      body: RotateInput,
      answers: { 200: ShownKey },
    },
    async ({ accountId, params, body, ifMatch }) =>
      showOnce(200, await keys.rotate(accountId, params.id, body.overlapHours, ifMatch)),
  );

  refusalRoutes(route, keys, answerWith);
}

function refusalRoutes(route: RouteBuilder, keys: ApiKeys, answerWith: (key: ApiKey) => Answer): void {
  route(
    {
      method: 'get',
      path: '/v1/keys/:id/refusals',
      summary: 'Hosts whose pages a publishable key refused lately',
      access: read,
      params: IdParams,
      answers: { 200: z.strictObject({ data: z.array(RefusedHostView) }) },
    },
    async ({ accountId, params }) => {
      const refused = await keys.listRefusals(accountId, params.id);
      const data = refused.map(({ host, count, lastAt }) => ({ host, count, lastAt: lastAt.toISOString() }));
      return { status: 200, body: { data } };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/keys/:id/refusals/allow',
      summary: 'Allow a host that was refused',
      access: write,
      params: IdParams,
      body: AllowHostInput,
      answers: { 200: KeyView },
    },
    async ({ accountId, params, body }) => answerWith(await keys.allowHost(accountId, params.id, body.host)),
  );
}
