import { z } from 'zod';
import { addressOf } from '../platform/caller-address.ts';
import type { Clock } from '../platform/clock.ts';
import type { RouteBuilder } from '../platform/route.ts';
import type { AuthService } from './auth.service.ts';
import { deviceOf, startSession } from './log-in-response.ts';
import { createWrongTokens } from './mail-token.routes.ts';
import { requireOwnOrigin } from './own-origin.ts';
import {
  AcceptInput,
  BusinessView,
  InvitationInput,
  InvitationView,
  MemberView,
  RoleInput,
  UserView,
} from './people.schema.ts';
import { viewOfInvitation, viewOfMember, viewOfUser } from './people-views.ts';

const write = { by: 'member', scope: 'team:write' } as const;
const Id = z.object({ id: z.string().max(100) });
const UserId = z.object({ userId: z.string().max(100) });

export function teamRoutes(
  route: RouteBuilder,
  auth: AuthService,
  { clock, publicUrl }: { clock: Clock; publicUrl: string | undefined },
): void {
  const { team } = auth;
  const countWrong = createWrongTokens(clock);

  route(
    {
      method: 'get',
      path: '/v1/team',
      summary: 'Who works for the business, and who is invited to',
      access: { by: 'member', scope: 'team:read' },
      answers: { 200: z.strictObject({ members: z.array(MemberView), invitations: z.array(InvitationView) }) },
    },
    async ({ accountId }) => {
      const [members, invitations] = await Promise.all([team.listMembers(accountId), team.listInvitations(accountId)]);
      return {
        status: 200,
        body: { members: members.map(viewOfMember), invitations: invitations.map(viewOfInvitation) },
      };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/team/invitations',
      summary: 'Invite somebody by mail; for people whose own address is confirmed',
      access: write,
      body: InvitationInput,
      idempotent: true,
      answers: { 201: InvitationView },
    },
    async ({ accountId, caller, body }) => ({
      status: 201,
      body: viewOfInvitation(await team.invite(accountId, caller.userId, body)),
    }),
  );

  route(
    {
      method: 'delete',
      path: '/v1/team/invitations/:id',
      summary: 'Withdraw an invitation',
      access: { ...write, isRight: true },
      params: Id,
      answers: { 204: null },
    },
    async ({ accountId, params }) => {
      await team.withdrawInvitation(accountId, params.id);
      return { status: 204 };
    },
  );

  route(
    {
      method: 'patch',
      path: '/v1/team/:userId',
      summary: 'Another role for a member; the last owner stays one',
      access: write,
      params: UserId,
      body: RoleInput,
      answers: { 200: MemberView },
    },
    async ({ accountId, params, body }) => ({
      status: 200,
      body: viewOfMember(await team.setRole(accountId, params.userId, body.role)),
    }),
  );

  route(
    {
      method: 'delete',
      path: '/v1/team/:userId',
      summary: 'Take somebody out of the team; the last owner stays',
      access: { ...write, isRight: true },
      params: UserId,
      answers: { 204: null },
    },
    async ({ accountId, params }) => {
      await team.remove(accountId, params.userId);
      return { status: 204 };
    },
  );

  route(
    {
      method: 'post',
      path: '/v1/auth/accept-invitation',
      summary: 'Join a team by the token that was mailed; somebody new gives name and password, and is logged in',
      access: { by: 'anyone' },
      body: AcceptInput,
      answers: { 200: z.strictObject({ user: UserView, account: BusinessView.omit({ role: true }) }) },
    },
    async ({ req, res, body }) => {
      requireOwnOrigin(req, publicUrl);
      const { user, account, isNew } = await countWrong(addressOf(req), () => team.accept(body));
      if (isNew) await startSession(auth, req, res, await auth.sessionStore.start(user._id, deviceOf(req)));
      const { _id: id, slug, name } = account;
      const view = { user: viewOfUser(user), account: { id, slug, name } };
      return { status: 200, body: view, author: { accountId: id, userId: user._id, actorId: user._id } };
    },
  );
}
